import type { GenerateInput } from '../../../contract/inputs.ts';
import type { Row } from '../../../contract/rows.ts';
import type { Candidate } from '../candidate.ts';
import { factId, makeRow } from '../rows/row.ts';
import { spreadOverDocuments } from '../rows/sample.ts';
import type { Grouping, Side } from './group.ts';
import { hashShare } from './hash.ts';

/**
 * Facts to rows. Of a trained fact every wording is a row, but for a share of the facts one wording is held back to ask
 * later whether the fact is known (`recall`, and the recall part of `validation`). Of a fact on an unseen side only the
 * plainest wording is a row, so that no fact counts twice in a figure.
 */
export function splitRows(
  candidates: readonly Candidate[],
  grouping: Grouping,
  { rows, split }: Pick<GenerateInput, 'rows' | 'split'>,
  generator: Row['generator'],
): Row[] {
  const sides = Map.groupBy(candidates, (candidate) => grouping.sideOf(grouping.groupOf(candidate)));
  const pick = (side: Side, room: number, rowsOf: (candidate: Candidate) => number): Candidate[] =>
    spreadOverDocuments(sides.get(side) ?? [], room, split.seed, rowsOf);
  const validation = pick('validation', Math.floor(rows.max * split.validation), () => 1);
  const test = pick('test', Math.floor(rows.max * split.test), () => 1);
  const room = rows.max - validation.length - test.length;
  const trained = pick('train', room, ({ fact }) => fact.questions.length);

  const unseen = (side: 'validation' | 'test') => (candidate: Candidate) => {
    const place = { split: side, probe: 'unseen', group: grouping.groupOf(candidate) } as const;
    return makeRow(candidate, candidate.fact.questions[0] ?? '', place, generator);
  };
  const held = holdBack(trained, split);
  return [
    ...trained.flatMap((candidate) =>
      trainedRows(candidate, held.get(candidate), grouping.groupOf(candidate), generator),
    ),
    ...validation.map(unseen('validation')),
    ...test.map(unseen('test')),
  ];
}

function trainedRows(
  candidate: Candidate,
  side: 'recall' | 'validation' | undefined,
  group: string,
  generator: Row['generator'],
): Row[] {
  const { questions } = candidate.fact;
  // the plainest wording is always trained
  const heldIndex =
    side === undefined ? -1 : 1 + Math.floor(hashShare(0, 'wording', factId(candidate)) * (questions.length - 1));
  return questions.map((question, index) => {
    const isHeld = index === heldIndex && side !== undefined;
    const place = isHeld
      ? ({ split: side, probe: 'recall', group } as const)
      : ({ split: 'train', probe: null, group } as const);
    return makeRow(candidate, question, place, generator);
  });
}

/** Which trained facts give a wording away, and to which set. */
function holdBack(
  trained: readonly Candidate[],
  split: GenerateInput['split'],
): Map<Candidate, 'recall' | 'validation'> {
  const share = (candidate: Candidate): number => hashShare(split.seed, 'recall', factId(candidate));
  const able = trained.filter(({ fact }) => fact.questions.length > 1).sort((a, b) => share(a) - share(b));
  const recall = Math.round(able.length * split.recall);
  const validation = split.recall === 0 ? 0 : Math.round(able.length * split.validation);
  return new Map([
    ...able.slice(0, recall).map((candidate) => [candidate, 'recall'] as const),
    ...able.slice(recall, recall + validation).map((candidate) => [candidate, 'validation'] as const),
  ]);
}
