import { join } from 'node:path';
import type { GenerateInput } from '../../../contract/inputs.ts';
import type { WorkerContext } from '../../shell/run.ts';
import { createAskedQuestions, type AskedQuestions } from '../rows/questions.ts';
import { createChunkMarks, type ChunkMarks } from './chunk-marks.ts';
import { collectFacts, createNames, where } from './collect.ts';
import type { FactHead } from './facts.ts';
import { openLines } from './lines.ts';
import { createRejectedLog, type RejectedLog } from './rejected.ts';
import { openShaper } from './shape.ts';
import { createTally } from './tally.ts';
import type { Work } from './work.ts';

/** All facts that were found, their texts on disk. */
export interface Collected {
  heads: FactHead[];
  /** file with a FactRecord for each head */
  facts: string;
  marks: ChunkMarks;
  asked: AskedQuestions;
  rejected: RejectedLog;
  /** path of the log of rejected rows */
  rejectedFile: string;
  /** facts by the verdict of reviewers */
  review: Record<string, number> | null;
}

export async function collectAll(
  input: GenerateInput,
  work: Work,
  context: WorkerContext,
  scratch: string,
): Promise<Collected> {
  const paths = { facts: join(scratch, 'facts.jsonl'), rejectedFile: join(scratch, 'rejected.jsonl') };
  const facts = await openLines(paths.facts);
  const rejected = createRejectedLog(await openLines(paths.rejectedFile));
  await noteSkipped(work, rejected);
  const marks = createChunkMarks(work.corpus.chunks);
  await noteUnplanned(work, marks, rejected);
  const asked = createAskedQuestions();
  const tally = createTally(work, marks, rejected, context);
  const shaper = await openShaper(input);
  const { corpus, generator, concurrency, signal } = work;
  const options = {
    input,
    corpus,
    marks,
    facts,
    rejected,
    asked,
    shape: shaper.shape,
    sections: createNames(),
    onUnit: tally.add,
    concurrency,
    signal,
  };
  const heads = await collectFacts(generator, options);
  tally.report();
  await facts.close();
  for (const problem of shaper.verdicts?.problems() ?? [])
    await rejected.add({ reason: 'BAD_VERDICT', stage: 'review', detail: problem, path: '', chunk: '', row: null });
  return { heads, ...paths, marks, asked, rejected, review: shaper.verdicts?.counts() ?? null };
}

/** Documents that could not be read, and chunks that are not worth a question. */
async function noteSkipped({ corpus, unread, skipDetails }: Work, rejected: RejectedLog): Promise<void> {
  for (const { path, failure } of unread) {
    const reason = failure.reason.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
    await rejected.add({ reason, stage: 'parse', detail: failure.detail, path, chunk: '', row: null });
  }
  for (const chunk of corpus.chunks) {
    if (chunk.skip === undefined) continue;
    await rejected.add({
      reason: chunk.skip,
      stage: 'chunk',
      detail: skipDetails.get(chunk.index) ?? '',
      ...where(chunk, corpus),
      row: null,
    });
  }
}

async function noteUnplanned(
  { corpus, unplanned = [] }: Work,
  marks: ChunkMarks,
  rejected: RejectedLog,
): Promise<void> {
  for (const { chunk: index, reason, detail } of unplanned) {
    const chunk = corpus.chunks[index];
    if (chunk === undefined) continue;
    marks.find(index);
    await rejected.add({
      reason,
      stage: 'chunk',
      detail,
      ...where(chunk, corpus),
      row: null,
    });
  }
}
