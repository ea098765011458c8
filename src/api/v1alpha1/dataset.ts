import { z } from 'zod';
import { artifact, digest } from './artifact.ts';
import { sharedStatus } from './conditions.ts';
import type { Kind, Resource } from './kind.ts';
import { secretKeyRef } from './references.ts';
import { exactlyOneOf, withRules } from './rules.ts';
import { progressFields, run, trainerStatus } from './run.ts';
import { count, decimal, duration, figure, listByKey, mapOf, objectName } from './scalars.ts';

const sourceRef = z.strictObject({
  name: objectName().describe('Name of a DocSource in the namespace of this object.'),
});

const openai = z.strictObject({
  baseURL: z
    .string()
    .max(2048)
    .regex(/^https?:\/\/\S+$/)
    .describe('Address of an OpenAI-compatible endpoint, such as "https://api.deepseek.com/v1".'),
  model: z.string().min(1).max(256).describe('Name of the model as the endpoint knows it.'),
  apiKeySecretRef: secretKeyRef('the API key', 'api-key')
    .optional()
    .describe('API key; leave it out for an endpoint without authentication. The operator never reads it.'),
  temperature: decimal('generator.openai.temperature', { min: 0, max: 2 })
    .default('0.3')
    .describe('Sampling temperature; lower is closer to the document.'),
  maxTokens: z.int().min(64).max(131072).default(4096).describe('Tokens that one answer may have.'),
  concurrency: z.int().min(1).max(64).default(4).describe('Requests under way at the same time.'),
  timeout: duration('generator.openai.timeout', { min: '1s', max: '1h' })
    .default('120s')
    .describe('Time after which a request is given up and tried again.'),
});

const generator = withRules(
  z.strictObject({
    extractive: z
      .strictObject({})
      .optional()
      .describe('Take rows from headings, definitions, API entries and code blocks: no model, no network.'),
    openai: openai.optional().describe('Let a model write rows; each row must quote the document word for word.'),
  }),
  exactlyOneOf('generator', 'extractive', 'openai'),
);

const chunking = withRules(
  z.strictObject({
    targetTokens: z.int().min(32).max(32768).default(512).describe('Size that a chunk of a document should have.'),
    maxTokens: z.int().min(32).max(32768).default(1024).describe('Size that no chunk exceeds if it can be cut.'),
  }),
  {
    cel: 'self.targetTokens <= self.maxTokens',
    message: 'chunking.targetTokens must not exceed chunking.maxTokens',
    holds: ({ targetTokens, maxTokens }) => targetTokens <= maxTokens,
  },
);

const rows = z.strictObject({
  max: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1000)
    .describe('Rows in all; more are sampled down, spread over the documents.'),
  perChunk: z.int().min(1).max(64).default(4).describe('Facts taken from one chunk at the most.'),
  wordings: z.int().min(1).max(8).default(3).describe('Differently worded questions for each fact.'),
});

const share = (name: string, initial: string, what: string) =>
  decimal(`split.${name}`, { min: 0, max: 1 }).default(initial).describe(what);

const split = withRules(
  z.strictObject({
    train: share('train', '0.8', 'Share of the groups that is trained.'),
    validation: share('validation', '0.1', 'Share of the groups that watches the training.'),
    test: share('test', '0.1', 'Share of the groups that is kept unseen for the evaluation.'),
    recall: share('recall', '0.2', 'Share of the trained facts of which one wording is held back for the evaluation.'),
    seed: z.int().min(0).max(4294967295).default(42).describe('Seed of every draw.'),
    groupBy: z
      .enum(['Document', 'Section'])
      .default('Document')
      .describe('What never lies on both sides of the split: a document, or a section of one.'),
  }),
  {
    // decimals such as 0.1 have no exact binary form
    cel: 'double(self.train) + double(self.validation) + double(self.test) > 0.9999 && double(self.train) + double(self.validation) + double(self.test) < 1.0001',
    message: 'split.train, split.validation and split.test must add up to 1',
    holds: ({ train, validation, test }) => Math.abs(Number(train) + Number(validation) + Number(test) - 1) < 0.0001,
  },
);

const spec = z.strictObject({
  suspend: z.boolean().default(false).describe('Stop a run under way and start no other; the artifact stays.'),
  sourceRefs: listByKey(sourceRef, 'name', 1, 16).describe('The DocSources whose documents become rows.'),
  generator: generator.describe('How rows are made: exactly one way.'),
  chunking: chunking.prefault({}).describe('How documents are cut. Code, tables and list items stay whole.'),
  rows: rows.prefault({}).describe('How many rows are made.'),
  split: split.prefault({}).describe('How rows are divided; rows of one group stay together.'),
  gates: z
    .strictObject({
      minRows: z.int().min(1).max(1_000_000).default(20).describe('Fewer rows than this fail the dataset.'),
    })
    .prefault({})
    .describe('What a dataset must reach to be published.'),
  budget: z
    .strictObject({
      maxTokens: z
        .int()
        .min(1)
        .optional()
        .describe('Input and output tokens that a run may use; it stops hard at this. No limit if not given.'),
    })
    .prefault({})
    .describe('What a run may cost.'),
});
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
      total: count().describe('Rows in the artifact.'),
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
      requests: count().describe('Requests to the endpoint.'),
      inputTokens: count().describe('Tokens sent.'),
      cachedInputTokens: count().describe('Tokens sent that the endpoint had cached.'),
      outputTokens: count().describe('Tokens received.'),
      totalTokens: count().describe('Tokens sent and received.'),
    })
    .optional()
    .describe('What the artifact cost.'),
  coverage: figure().optional().describe('Share of the chunks with at least one row, 0 to 1.'),
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
    { type: 'SourceOutdated', meaning: 'the artifact was made from an older spec or older documents' },
    {
      type: 'BudgetExceeded',
      meaning: 'the latest run stopped at its budget, or the balance of the account is used up',
    },
  ],
} as const satisfies Kind;
