import { z } from 'zod';
import { artifact, digest } from './artifact.ts';
import { sharedStatus } from './conditions.ts';
import { chunking } from './dataset/chunking.ts';
import { generator, writing } from './dataset/generator.ts';
import { consistency, gates, quality } from './dataset/quality.ts';
import { importFrom, rows, shaping, split } from './dataset/rows.ts';
import type { Kind, Resource } from './kind.ts';
import { prices } from './model-endpoint.ts';
import { exactlyOneOf, withRules } from './rules.ts';
import { progressFields, run, trainerStatus } from './run.ts';
import { count, decimal, figure, listByKey, mapOf, objectName } from './scalars.ts';

const sourceRef = z.strictObject({
  name: objectName().describe('Name of a DocSource in the namespace of this object.'),
});

const budget = withRules(
  z.strictObject({
    maxTokens: z
      .int()
      .min(1)
      .optional()
      .describe('Input and output tokens that a run may use; it stops hard at this. No limit if not given.'),
    maxCost: decimal('budget.maxCost', { above: 0, max: 1_000_000 })
      .optional()
      .describe('Money that a run may cost, in the currency of the prices; it stops hard at this.'),
    prices: prices('budget.prices')
      .optional()
      .describe('Prices of each endpoint that names none itself, for a million tokens.'),
  }),
  {
    cel: '!has(self.maxCost) || has(self.prices)',
    message: 'budget.maxCost needs budget.prices',
    holds: ({ maxCost, prices }) => maxCost === undefined || prices !== undefined,
  },
);

const spec = withRules(
  z.strictObject({
    suspend: z.boolean().default(false).describe('Stop a run under way and start no other; the artifact stays.'),
    sourceRefs: listByKey(sourceRef, 'name', 1, 16).optional().describe('The DocSources whose documents become rows.'),
    importFrom: importFrom.optional().describe('Rows that were made elsewhere, instead of documents.'),
    generator: generator.optional().describe('How rows are made from documents: exactly one way.'),
    ...writing,
    chunking: chunking.prefault({}).describe('How documents are cut. Code, tables and list items stay whole.'),
    rows: rows.prefault({}).describe('How many rows are made.'),
    quality: quality.prefault({}).describe('What a row must stand.'),
    consistency: consistency.prefault({}).describe('Forms that the prose of rows is brought into.'),
    split: split.prefault({}).describe('How rows are divided; rows of one group stay together.'),
    ...shaping,
    gates: gates.prefault({}).describe('What a dataset must reach to be published.'),
    budget: budget.prefault({}).describe('What a run may cost.'),
    preview: z
      .strictObject({
        chunks: z.int().min(1).max(100).default(5).describe('Chunks that the preview is made of.'),
        approve: z
          .boolean()
          .default(false)
          .describe('Set to true when the preview is good: then the whole dataset is made.'),
      })
      .optional()
      .describe('Make a small sample first, with an estimate of the whole, and wait for approval.'),
  }),
  exactlyOneOf('spec', 'sourceRefs', 'importFrom'),
  {
    cel: 'has(self.sourceRefs) == has(self.generator)',
    message: 'generator goes with sourceRefs: name both, or importFrom alone',
    holds: ({ sourceRefs, generator: chosen }) => (sourceRefs === undefined) === (chosen === undefined),
  },
  {
    cel: "self.quality.roundTrip != 'Check' || (has(self.judge) && has(self.generator) && has(self.generator.openai))",
    message:
      'quality.roundTrip Check lets the judge answer what a model asked: it needs judge and generator.openai, or set it to Off',
    holds: ({ quality: { roundTrip }, judge, generator: chosen }) =>
      roundTrip !== 'Check' || (judge !== undefined && chosen?.openai !== undefined),
  },
  {
    cel: '!has(self.knowledgeGap) || (has(self.generator) && has(self.generator.openai))',
    message: 'knowledgeGap weighs what a model writes: it needs generator.openai, or leave it out',
    holds: ({ knowledgeGap, generator: chosen }) => knowledgeGap === undefined || chosen?.openai !== undefined,
  },
);
export type DatasetSpec = z.output<typeof spec>;

const source = z.strictObject({
  name: objectName().describe('Name of the DocSource.'),
  digest: digest().describe('Digest of the documents.'),
});

const status = z.strictObject({
  ...sharedStatus,
  artifact: artifact.optional().describe('The rows; they stay while newer ones are made or fail.'),
  sources: listByKey(source, 'name', 0, 16).optional().describe('Documents that the artifact was made from.'),
  artifactRun: z.string().max(63).optional().describe('Run that made the artifact.'),
  rows: z
    .strictObject({
      total: count().describe('Rows in the files of the artifact, changed copies and general rows included.'),
      train: count().describe('Rows that are trained.'),
      validation: count().describe('Rows that watch the training.'),
      test: count().describe('Rows about unseen documents, for the evaluation.'),
      recall: count().describe('Rows that ask trained facts in other words, for the evaluation.'),
      rejected: count().describe('Rows that were turned down; rejected.jsonl in the artifact tells why.'),
      byReason: mapOf(count(), 32).describe('Rejected rows of each reason.'),
    })
    .optional()
    .describe('What the artifact holds.'),
  usage: z
    .strictObject({
      requests: count().describe('Requests to the endpoints.'),
      retries: mapOf(count(), 32).optional().describe('Requests that were sent again, by class of the trouble.'),
      cost: figure().optional().describe('Money, where spec.budget.prices is given.'),
      inputTokens: count().describe('Tokens sent.'),
      cachedInputTokens: count().describe('Tokens sent that the endpoint had cached.'),
      outputTokens: count().describe('Tokens received.'),
      totalTokens: count().describe('Tokens sent and received.'),
    })
    .optional()
    .describe('What the artifact cost.'),
  coverage: figure().optional().describe('Share of the usable chunks with at least one row, 0 to 1.'),
  acceptRate: figure().optional().describe('Share of accepted rows among all that were made, 0 to 1.'),
  duplicateRate: figure().optional().describe('Share of the rows made that were duplicates, 0 to 1.'),
  chunks: z
    .strictObject({
      total: count().describe('Chunks of the documents.'),
      usable: count().describe('Chunks that are worth a question.'),
      failed: count().describe('Chunks that the endpoint gave no usable answer for.'),
    })
    .optional()
    .describe('What the documents were cut into.'),
  tasks: mapOf(count(), 32).optional().describe('Rows of each task.'),
  tokens: z
    .strictObject({
      p50: count().describe('Half of the rows have at most this many tokens.'),
      p95: count().describe('95 of 100 rows have at most this many tokens.'),
      max: count().describe('Tokens of the longest row.'),
    })
    .optional()
    .describe('Lengths of the rows, to choose training.maxLength by.'),
  warnings: z.array(z.string().max(256)).max(8).optional().describe('What a reader should know about the rows.'),
  judgeAgreement: figure().optional().describe("Agreement of judge and human beyond chance (Cohen's kappa), -1 to 1."),
  parent: digest().optional().describe('Digest of the version before.'),
  delta: z
    .strictObject({
      added: count().describe('Rows that the version before did not have.'),
      retired: count().describe('Rows that only the version before had.'),
      kept: count().describe('Rows of both.'),
    })
    .optional()
    .describe('What changed against the version before.'),
  preview: z
    .strictObject({
      run: z.string().max(63).describe('Run that made the sample.'),
      artifact: artifact.describe('The sample: rows of a few chunks.'),
      rows: count().describe('Rows of the sample.'),
      estimatedRequests: count().describe('Requests that the whole is estimated to need.'),
      estimatedTokens: count().describe('Tokens that the whole is estimated to need.'),
      estimatedCost: figure().optional().describe('Money that the whole is estimated to cost.'),
    })
    .optional()
    .describe('The sample that waits for approval.'),
  run: run.optional().describe('The latest run.'),
  trainerStatus: trainerStatus.optional().describe('Last report of the worker.'),
  progress: z
    .strictObject({
      ...progressFields,
      chunksDone: count().optional().describe('Chunks that are done.'),
      chunksTotal: count().optional().describe('Chunks in all.'),
      rows: count().optional().describe('Rows accepted so far.'),
      rejected: count().optional().describe('Rows rejected so far.'),
      tokens: count().optional().describe('Tokens sent and received so far.'),
      cost: figure().optional().describe('Money spent so far.'),
      rowsPlanned: count().optional().describe('Rows that the plan asks for.'),
    })
    .optional()
    .describe('Progress of the run.'),
});
export type DatasetStatus = z.output<typeof status>;
export type Dataset = Resource<DatasetSpec, DatasetStatus>;

export const dataset = {
  kind: 'Dataset',
  plural: 'datasets',
  singular: 'dataset',
  shortName: 'dset',
  description: 'Rows for training and evaluation, made from the documents of DocSources, as an artifact.',
  spec,
  status,
  columns: [
    { name: 'REVISION', type: 'string', jsonPath: '.status.artifact.revision', description: 'Start of the digest.' },
    { name: 'ROWS', type: 'integer', jsonPath: '.status.rows.total', description: 'Rows in the artifact.' },
    { name: 'PROGRESS', type: 'integer', jsonPath: '.status.progress.percent', description: 'Progress in percent.' },
    { name: 'TOKENS', type: 'integer', jsonPath: '.status.usage.totalTokens', description: 'Tokens that it cost.' },
  ],
  conditions: [
    { type: 'Generated', meaning: 'whether the latest run came to a good end' },
    { type: 'AwaitingApproval', meaning: 'a preview is ready; set spec.preview.approve to true to make the whole' },
    { type: 'SourceOutdated', meaning: 'the artifact was made from an older spec or older documents' },
    {
      type: 'BudgetExceeded',
      meaning: 'the latest run stopped at its budget, or the balance of the account is used up',
    },
  ],
} as const satisfies Kind;
