import { z } from 'zod';

/**
 * The dataset artifact, published by generate-dataset:
 *   train.jsonl validation.jsonl test.jsonl recall.jsonl   one Row a line
 *   rejected.jsonl                                         one RejectedRow a line
 *   manifest.json                                          Manifest
 *   README.md                                              the dataset card
 * It holds no time, so the same inputs give the same digest.
 */
export const splits = ['train', 'validation', 'test', 'recall'] as const;
export type Split = (typeof splits)[number];

export const messageSchema = z.strictObject({
  role: z.enum(['system', 'user', 'assistant']),
  content: z.string().min(1),
});

const span = { start: z.int().min(0), end: z.int().min(0) };

export const rowSchema = z.strictObject({
  /** sha256 of messages and source, so the same row has the same id in every version */
  id: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  messages: z.array(messageSchema).min(2),
  task: z.enum(['factual', 'howTo', 'explain', 'codeGeneration', 'codeExplain', 'config', 'summary']),
  language: z.string().max(16),
  split: z.enum(splits),
  /**
   * Of a row that is not trained: `recall` asks a trained fact in other words ("does the model know these
   * documents?"), `unseen` asks about documents that are not trained ("what did it forget?"). Null in train.
   */
  probe: z.enum(['recall', 'unseen']).nullable(),
  /** rows of one group never lie on both sides of the split: a document, or a section of one */
  group: z.string().min(1),
  /** rows with the same fact have the same answer in other words */
  fact: z.string().min(1),
  source: z.strictObject({
    source: z.string(),
    path: z.string(),
    /** character offsets (UTF-16 code units) in the document, of the chunk the row comes from */
    ...span,
    heading: z.array(z.string()),
    evidence: z.array(z.strictObject({ quote: z.string().min(1), ...span })).min(1),
  }),
  generator: z.strictObject({ name: z.string(), model: z.string().nullable(), prompt: z.string().nullable() }),
});
export type Row = z.infer<typeof rowSchema>;

export const rejectedRowSchema = z.strictObject({
  reason: z.string().regex(/^[A-Z][A-Z_]{1,63}$/),
  detail: z.string().max(1024),
  path: z.string(),
  chunk: z.string(),
  row: z.unknown(),
});
export type RejectedRow = z.infer<typeof rejectedRowSchema>;

export const manifestSchema = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  sources: z.array(z.strictObject({ name: z.string(), digest: z.string(), documents: z.int().min(0) })),
  generator: z.record(z.string(), z.unknown()),
  chunks: z.int().min(0),
  seed: z.int(),
  split: z.record(z.string(), z.unknown()),
  files: z.array(z.strictObject({ path: z.string(), rows: z.int().min(0), sha256: z.string() })),
  tasks: z.record(z.string(), z.int()),
  rejected: z.record(z.string(), z.int()),
});
export type Manifest = z.infer<typeof manifestSchema>;
