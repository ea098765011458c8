import { pMapIterable } from 'p-map';
import type { GenerateInput } from '../../../contract/inputs.ts';
import type { ChunkHead, Corpus, Generator, Unit } from '../corpus.ts';
import type { Fact, Finding, Refusal } from '../fact.ts';
import { factId } from '../rows/id.ts';
import { valueOf } from '../rows/value.ts';
import { takeQuestions } from '../rows/unique.ts';
import type { AskedQuestions } from '../rows/questions.ts';
import { hashShare } from '../split/hash.ts';
import type { ChunkMarks } from './chunk-marks.ts';
import type { FactHead, FactRecord } from './facts.ts';
import type { LineFile } from './lines.ts';
import { otherChunks, placeOf, quoteEvidence } from './place.ts';
import type { RejectedLog } from './rejected.ts';

export interface Collecting {
  input: Pick<GenerateInput, 'rows' | 'split'>;
  corpus: Corpus;
  marks: ChunkMarks;
  facts: LineFile;
  rejected: RejectedLog;
  asked: AskedQuestions;
  /** brings a fact into its final form; undefined if it is turned down, with the reason in `rejected` */
  shape: (fact: Fact, id: string) => Shaped;
  /** names of sections, each kept once */
  sections: Names;
  /** called after each unit */
  onUnit: (unit: Unit, facts: readonly FactHead[]) => void;
  /** units under way at the same time */
  concurrency: number;
  signal: AbortSignal;
}

/** Equal texts that are kept many times share one string. */
export interface Names {
  keep: (name: string) => string;
}

export function createNames(): Names {
  const known = new Map<string, string>();
  return {
    keep(name) {
      const first = known.get(name) ?? name;
      known.set(first, first);
      return first;
    },
  };
}

export type Shaped = { fact: Fact; record?: Partial<FactRecord> } | { reason: string; stage: string; detail: string };

/** units that wait for one before them, for each that is under way */
const windowSize = 4;

/** Run all units side by side and write down what they find, in the order of the units whatever the concurrency. */
export async function collectFacts(generator: Generator, options: Collecting): Promise<FactHead[]> {
  const { concurrency, signal } = options;
  const heads: FactHead[] = [];
  const run = async (unit: Unit) => ({ unit, findings: await generator.run(unit, signal) });
  const window = { concurrency, backpressure: windowSize * concurrency };
  for await (const { unit, findings } of pMapIterable(generator.units, run, window)) {
    signal.throwIfAborted();
    const before = heads.length;
    for (const finding of findings) await take(finding, unit, heads, options);
    await noteUnit(unit, options);
    options.onUnit(unit, heads.slice(before));
  }
  return heads;
}

/** No chunk goes by without a fact or a reason. */
async function noteUnit(unit: Unit, { corpus, marks, rejected }: Collecting): Promise<void> {
  for (const index of unit.chunks) {
    marks.ask(index);
    const chunk = corpus.chunks[index];
    if (chunk === undefined || marks.isFound(index)) continue;
    marks.find(index);
    await rejected.add({
      ...where(chunk, corpus),
      reason: 'NO_FACTS',
      stage: 'check',
      detail: 'nothing in it was asked',
      row: null,
    });
  }
}

async function take(finding: Finding, unit: Unit, heads: FactHead[], options: Collecting): Promise<void> {
  const { corpus, marks } = options;
  const place = placeOf(finding, unit, corpus);
  if (place === undefined) return;
  marks.find(place.index);
  if ('refusal' in finding) await refuse(finding.refusal, place, options);
  else await takeFact(finding.fact, place, heads, options);
}

async function refuse(refusal: Refusal, place: ChunkHead, { corpus, marks, rejected }: Collecting): Promise<void> {
  const stage = refusal.stage ?? 'check';
  if (stage === 'endpoint') marks.fail(place.index);
  const { reason, detail, row } = refusal;
  await rejected.add({ reason, stage, detail, row, ...costOf(refusal), ...where(place, corpus) });
}

async function takeFact(found: Fact, place: ChunkHead, heads: FactHead[], options: Collecting): Promise<void> {
  const { corpus, rejected, asked, input } = options;
  const source = corpus.documents[place.document];
  if (source === undefined) return;
  const id = factId(found, source);
  const shaped = options.shape(found, id);
  const questions = 'fact' in shaped ? takeQuestions(shaped.fact, input.rows.wordings, asked) : undefined;
  if (!('fact' in shaped) || questions === undefined) {
    const why =
      'fact' in shaped
        ? { reason: 'DUPLICATE_QUESTION', stage: 'duplicates', detail: found.questions[0] ?? '' }
        : shaped;
    await rejected.add({
      ...why,
      ...costOf(found),
      ...where(place, corpus),
      row: { questions: found.questions, answer: found.answer },
    });
    return;
  }
  const fact = { ...shaped.fact, questions };
  const evidence = await quoteEvidence(fact.evidence, place, corpus);
  const record: FactRecord = { fact, chunk: place.index, evidence, ...shaped.record };
  await options.facts.write(record);
  heads.push({
    id,
    chunk: place.index,
    document: place.document,
    section: options.sections.keep(fact.heading.slice(0, 2).join('/')),
    others: otherChunks(fact, place, corpus),
    value: valueOf(fact),
    draw: hashShare(input.split.seed, 'sample', `${fact.questions[0] ?? ''}\n${fact.answer}`),
    wordings: questions.length,
    task: fact.task,
  });
}

export const costOf = ({ cost }: { cost?: number }): { cost?: number } => (cost === undefined ? {} : { cost });

/** Place of a chunk as rejected rows tell it. */
export const where = ({ id, document }: ChunkHead, { documents }: Corpus): { path: string; chunk: string } => ({
  path: `${documents[document]?.source ?? ''}/${documents[document]?.path ?? ''}`,
  chunk: id,
});
