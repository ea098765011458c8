import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GenerateInput } from '../../contract/inputs.ts';
import { generateSummarySchema } from '../../contract/result.ts';
import { generateMetrics } from '../../contract/progress.ts';
import type { RejectedRow, Row } from '../../contract/rows.ts';
import { WorkerFailure } from '../shell/failure.ts';
import type { Outcome, WorkerContext } from '../shell/run.ts';
import type { ChunkedDocument, Generated } from './candidate.ts';
import { cutChunks } from './chunk/chunk.ts';
import { coverageOf } from './coverage.ts';
import { loadDocuments } from './documents.ts';
import { generateExtractive } from './extractive/generate.ts';
import { generateWithModel } from './openai/generate.ts';
import { countBy, writeDataset, type Dataset } from './output/write.ts';
import { uniqueQuestions } from './rows/questions.ts';
import { limitPerChunk } from './rows/sample.ts';
import { groupCandidates } from './split/group.ts';
import { splitRows } from './split/split.ts';

/** Turn the documents of all sources into one dataset and publish it. */
export async function generateDataset(
  input: GenerateInput,
  context: WorkerContext,
): Promise<Outcome<'generate-dataset'>> {
  const documents = await readSources(input, context);
  const generated = await generate(input, documents, context);
  const { dataset, rows, rejected } = assemble(input, documents, generated);
  reportRows(generated, rows.length, rejected.length, context);
  checkGates(input, rows, rejected);
  const artifact = await publish(dataset, context);
  const count = (split: Row['split']): number => rows.filter((row) => row.split === split).length;
  const counts = {
    train: count('train'),
    validation: count('validation'),
    test: count('test'),
    recall: count('recall'),
  };
  return {
    reason: 'Generated',
    message: `generated ${rows.length} rows from ${documents.length} documents, rejected ${rejected.length}`,
    artifact,
    summary: {
      rows: { ...counts, rejected: rejected.length, byReason: countBy(rejected, (row) => row.reason) },
      usage: { ...generated.usage, retries: {}, cost: null },
      ...generateSummarySchema.pick({ acceptRate: true, duplicateRate: true, tasks: true, tokens: true, warnings: true, judgeAgreement: true, delta: true, estimate: true }).parse({}),
      coverage: coverageOf(generated),
      chunks: { total: generated.asked.length, done: generated.asked.length, failed: 0 },
    },
  };
}

async function readSources({ sources, chunking }: GenerateInput, { store }: WorkerContext): Promise<ChunkedDocument[]> {
  const documents: ChunkedDocument[] = [];
  for (const source of sources) {
    for (const document of await loadDocuments(source, store)) {
      const { text, sha256, sections } = document;
      documents.push({ ...document, chunks: cutChunks(text, sha256, sections, chunking) });
    }
  }
  return documents;
}

async function generate(
  input: GenerateInput,
  documents: ChunkedDocument[],
  context: WorkerContext,
): Promise<Generated> {
  const { generator } = input;
  return generator !== null && 'openai' in generator
    ? generateWithModel(input, generator.openai, documents, context)
    : generateExtractive(documents);
}

function assemble(
  input: GenerateInput,
  documents: readonly ChunkedDocument[],
  generated: Generated,
): { dataset: Dataset; rows: Row[]; rejected: RejectedRow[] } {
  const unique = uniqueQuestions(generated.candidates, input.rows.wordings);
  const candidates = limitPerChunk(unique.kept, input.rows.perChunk);
  const grouping = groupCandidates(candidates, input.split);
  const rows = splitRows(candidates, grouping, input, generated.generator);
  const rejected = [...generated.rejected, ...unique.rejected];
  const { train, validation, test, recall, seed } = input.split;
  const about: Dataset['about'] = {
    name: input.run.name,
    sources: input.sources.map(({ name, artifact }) => ({
      name,
      digest: artifact.digest,
      documents: documents.filter(({ source }) => source === name).length,
    })),
    generator: { ...generated.generator, ...input.rows, factsFound: unique.kept.length },
    chunks: documents.reduce((sum, { chunks }) => sum + chunks.length, 0),
    seed,
    split: { train, validation, test, recall, groupBy: grouping.by, notes: grouping.notes },
  };
  return { dataset: { rows, rejected, about }, rows, rejected };
}

function reportRows(
  { asked, usage }: Generated,
  accepted: number,
  rejected: number,
  { progress }: WorkerContext,
): void {
  const metrics = {
    [generateMetrics.chunksDone]: asked.length,
    [generateMetrics.chunksTotal]: asked.length,
    [generateMetrics.rowsAccepted]: accepted,
    [generateMetrics.rowsRejected]: rejected,
    [generateMetrics.requests]: usage.requests,
    [generateMetrics.inputTokens]: usage.inputTokens,
    [generateMetrics.cachedInputTokens]: usage.cachedInputTokens,
    [generateMetrics.outputTokens]: usage.outputTokens,
  };
  progress.report({ share: 1, metrics });
}

function checkGates({ gates }: GenerateInput, rows: readonly Row[], rejected: readonly RejectedRow[]): void {
  if (rows.length >= gates.minRows) return;
  const reasons = Object.entries(countBy(rejected, (row) => row.reason)).sort(([, a], [, b]) => b - a);
  const shown = reasons.slice(0, 6).map(([reason, count]) => `${count} ${reason}`);
  const why = shown.length === 0 ? 'nothing was rejected' : `rejected were ${shown.join(', ')}`;
  const message = `${rows.length} rows are fewer than gates.minRows ${gates.minRows}; ${why}: add documents or lower spec.gates.minRows`;
  throw new WorkerFailure('data', 'TooFewRows', message);
}

async function publish(dataset: Dataset, { store }: WorkerContext) {
  const folder = await mkdtemp(join(tmpdir(), 'doctune-'));
  try {
    await writeDataset(folder, dataset);
    return await store.put(folder, 'datasets');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
