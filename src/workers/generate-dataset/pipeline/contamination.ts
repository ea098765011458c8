import { createContamination, type Repetition } from '../contamination/contamination.ts';
import type { Fact } from '../fact.ts';
import { heldWording } from '../split/hold-back.ts';
import type { Grouping } from '../split/group.ts';
import type { Place } from '../split/select.ts';
import { isKept, type FactHead, type FactRecord } from './facts.ts';
import { readLines } from './lines.ts';

/** Facts that were found, and the file with their texts. */
export interface Found {
  heads: readonly FactHead[];
  facts: string;
}

/** Remembers what is held back, and finds it again in what is trained. */
export interface Decontamination {
  /** a trained text that repeats a held back one or an item of a public benchmark */
  check: (text: string) => Repetition | undefined;
  counts: Record<'CONTAMINATED_FACTS' | 'CONTAMINATED_GENERAL', number>;
}

/**
 * Turn down facts to be trained that repeat questions or answers about unseen documents, or of public benchmarks.
 * `isTemplate`: questions are made of templates, so that all of them share groups of words and only names tell them apart;
 * then the answers alone are compared.
 */
export async function decontaminate(
  found: Found,
  candidates: ReadonlySet<FactHead>,
  { sideOf }: Grouping,
  isTemplate: boolean,
): Promise<Decontamination> {
  const isTrained = (head: FactHead): boolean => candidates.has(head) && sideOf(head) === 'train';
  const isUnseen = (head: FactHead): boolean => candidates.has(head) && sideOf(head) !== 'train';
  // what the documents themselves say twice is a leak however short it is
  const contamination = createContamination({ isShortCompared: isTemplate });
  const counts = { CONTAMINATED_FACTS: 0, CONTAMINATED_GENERAL: 0 };
  for await (const { head, fact } of kept(found, isUnseen)) {
    const texts = isTemplate ? [fact.answer] : [fact.questions[0] ?? '', ...answersOf(fact)];
    for (const text of texts) contamination.hold(`fact "${head.id}"`, text);
  }
  for await (const { head, fact } of kept(found, isTrained)) {
    const repeated = [...fact.questions, ...answersOf(fact)].map((text) => contamination.check(text)).find(Boolean);
    if (repeated === undefined) continue;
    head.rejection = { reason: 'CONTAMINATED', stage: 'split', detail: describe(repeated) };
    counts.CONTAMINATED_FACTS += 1;
  }
  return { check: (text) => contamination.check(text), counts };
}

/** All that a row of the fact says beside its question: other answers to it, what was said before, and how it came to it. */
const answersOf = ({ answer, reasoning, references = [], earlier = [] }: Fact): string[] => [
  answer,
  ...(reasoning === undefined ? [] : [reasoning]),
  ...references,
  ...earlier.flatMap((turn) => [turn.question, turn.answer]),
];

/** Which held back question of another fact a trained question repeats; undefined if none. */
export type RepeatsHeld = (fact: string, question: string) => string | undefined;

/** Remember the questions that are held back of trained facts: their answers, and the other wordings, are trained by design. */
export async function holdRecallQuestions(found: Found, places: ReadonlyMap<FactHead, Place>): Promise<RepeatsHeld> {
  const contamination = createContamination({ benchmarks: [] });
  for await (const { head, fact } of kept(found, (each) => places.get(each)?.held !== undefined))
    contamination.hold(head.id, fact.questions[heldWording] ?? '');
  return (fact, question) => {
    const found = contamination.check(question);
    return found === undefined || found.name === fact
      ? undefined
      : describe({ ...found, name: `fact "${found.name}"` });
  };
}

export const describe = ({ name, share }: { name: string; share: number }): string =>
  `${Math.round(share * 100)} % of its groups of words are those of ${name}`;

async function* kept(
  { heads, facts }: Found,
  isWanted: (head: FactHead) => boolean,
): AsyncGenerator<{ head: FactHead; fact: FactRecord['fact'] }> {
  let index = 0;
  for await (const { fact } of readLines<FactRecord>(facts)) {
    const head = heads[index];
    index += 1;
    if (head !== undefined && isKept(head) && isWanted(head)) yield { head, fact };
  }
}
