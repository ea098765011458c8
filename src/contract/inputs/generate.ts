import { z } from 'zod';
import { artifactInputSchema } from '../artifact.ts';
import { tasks } from '../rows.ts';
import { screeningSchema } from './fetch.ts';
import { run, version } from './run.ts';

const prices = z.strictObject({ input: z.number(), cachedInput: z.number(), output: z.number() });

const endpoint = {
  baseURL: z.string(),
  model: z.string(),
  /** file with the key, mounted from the Secret and read again when it changes; none for endpoints without authentication */
  apiKeyFile: z.string().optional(),
  headers: z.record(z.string(), z.string()).default({}),
  /** file with certificates in PEM form */
  caFile: z.string().optional(),
  proxy: z.string().optional(),
  maxTokens: z.int(),
  maxContextTokens: z.int().nullable().default(null),
  concurrency: z.int(),
  requestsPerMinute: z.int().nullable().default(null),
  tokensPerMinute: z.int().nullable().default(null),
  timeoutSeconds: z.int(),
  /** money for a million tokens; null: those of the budget */
  prices: prices.nullable().default(null),
};
export const endpointInputSchema = z.strictObject(endpoint);
export type EndpointInput = z.infer<typeof endpointInputSchema>;

export const openaiInputSchema = z.strictObject({
  ...endpoint,
  temperature: z.number(),
  questionTemperature: z.number().default(0.9),
  steps: z.enum(['One', 'Two']).default('One'),
});
export type OpenaiInput = z.infer<typeof openaiInputSchema>;

const source = z.strictObject({
  name: z.string(),
  artifact: artifactInputSchema,
  /** where the documents come from, for links: the address of a repository, or of nothing that can be opened */
  url: z.string().default(''),
  /** of the documents, such as `main@sha1:<40 hex>` */
  revision: z.string().default(''),
});

const writing = {
  tasks: z.array(z.strictObject({ type: z.enum(tasks), weight: z.int().min(1) })).default([]),
  language: z.enum(['Document', 'zh', 'en', 'Both']).default('Document'),
  personas: z.array(z.string()).default([]),
  /** folder with prompts that replace the built-in ones of the same name */
  prompts: z.string().nullable().default(null),
  judge: z
    .strictObject({
      endpoint: endpointInputSchema,
      minRelevance: z.int(),
      requireSelfContained: z.boolean(),
      /** odd; of a row at the border */
      votes: z.int().min(1),
      /** folder with `rows.jsonl`, rows that a human has judged */
      calibration: z.string().nullable(),
    })
    .nullable()
    .default(null),
  knowledgeGap: z.strictObject({ endpoint: endpointInputSchema }).nullable().default(null),
};

const chunking = z.strictObject({
  targetTokens: z.int(),
  maxTokens: z.int(),
  minTokens: z.int().default(64),
  overlapSentences: z.int().default(0),
  /** null: an estimate by script. `path`: folder with a `tokenizer.json` */
  tokenizer: z
    .union([z.strictObject({ builtIn: z.enum(['smollm2-135m']) }), z.strictObject({ path: z.string() })])
    .nullable()
    .default(null),
  changelogs: z.enum(['Keep', 'Skip']).default('Skip'),
});

const quality = z.strictObject({
  duplicates: z.strictObject({ question: z.number(), row: z.number() }).default({ question: 0.8, row: 0.9 }),
  symbols: z.enum(['Check', 'Off']).default('Check'),
  code: z.enum(['Parse', 'Off']).default('Parse'),
  roundTrip: z.enum(['Check', 'Off']).default('Off'),
  decontamination: z.enum(['Check', 'Off']).default('Check'),
});

const consistency = z.strictObject({
  dates: z.enum(['ISO', 'Off']).default('Off'),
  numbers: z.enum(['Plain', 'Off']).default('Off'),
  /** folder with `glossary.yaml` */
  glossary: z.string().nullable().default(null),
});

const split = z.strictObject({
  train: z.number(),
  validation: z.number(),
  test: z.number(),
  /** share of the trained facts with one wording held back */
  recall: z.number(),
  seed: z.int(),
  groupBy: z.enum(['Document', 'Section']),
});

const shaping = {
  augmentation: z
    .strictObject({ copies: z.int(), synonym: z.number(), swap: z.number(), delete: z.number() })
    .nullable()
    .default(null),
  /** `general`: folder with rows in any known format */
  mixture: z.strictObject({ general: z.string(), domainWeight: z.number() }).nullable().default(null),
  growth: z.strictObject({ maxFraction: z.number() }).nullable().default(null),
  /** the version before: what it held back stays held back; with `growth` it also bounds what is new */
  parent: artifactInputSchema.nullable().default(null),
  formats: z
    .array(z.enum(['messages', 'alpaca', 'sharegpt', 'promptCompletion', 'text', 'preferences']))
    .default(['messages']),
  /** `verdicts`: folder with `verdicts.csv` */
  review: z.strictObject({ sample: z.int(), verdicts: z.string().nullable() }).nullable().default(null),
};

export const generateInputSchema = z.strictObject({
  version,
  run,
  /** empty with `importFrom` */
  sources: z.array(source),
  importFrom: z
    .strictObject({
      path: z.string(),
      format: z.enum(['Auto', 'messages', 'alpaca', 'sharegpt', 'promptCompletion']),
      historyTurns: z.int().nullable(),
      screening: screeningSchema.pick({ secrets: true, personalData: true }).prefault({}),
    })
    .nullable()
    .default(null),
  /** null with `importFrom` */
  generator: z
    .union([z.strictObject({ extractive: z.strictObject({}) }), z.strictObject({ openai: openaiInputSchema })])
    .nullable(),
  ...writing,
  chunking,
  rows: z.strictObject({ max: z.int(), perChunk: z.int(), wordings: z.int() }),
  quality: quality.prefault({}),
  consistency: consistency.prefault({}),
  split,
  ...shaping,
  gates: z.strictObject({
    minRows: z.int(),
    minAcceptRate: z.number().default(0),
    minCoverage: z.number().default(0),
    maxDuplicateRate: z.number().default(1),
    maxFailedChunks: z.number().default(0.05),
  }),
  budget: z.strictObject({
    maxTokens: z.int().nullable(),
    maxCost: z.number().nullable().default(null),
    /** money for a million tokens, of endpoints without prices of their own */
    prices: prices.nullable().default(null),
  }),
  /** a sample of this many chunks instead of the whole */
  preview: z.strictObject({ chunks: z.int() }).nullable().default(null),
});
export type GenerateInput = z.infer<typeof generateInputSchema>;
