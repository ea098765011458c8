import { z } from 'zod';

/**
 * The dataset artifact, published by generate-dataset:
 *   train.jsonl validation.jsonl test.jsonl recall.jsonl   one Row a line
 *   text.jsonl                                             one Passage a line
 *   rejected.jsonl                                         one RejectedRow a line
 *   manifest.json                                          Manifest
 *   report.json                                            cleanliness, consistency, coverage, diversity, token lengths
 *   README.md                                              the dataset card
 *   asked.jsonl                                            keys of what a model was asked, where one was
 *   formats/<format>/…                                     the rows in other forms, where asked for
 *   review/sheet.csv                                       a sample for human reviewers, where asked for
 * It holds no time, so the same inputs give the same digest.
 */
export const splits = ['train', 'validation', 'test', 'recall'] as const;
export type Split = (typeof splits)[number];

export const tasks = [
  'factual',
  'howTo',
  'explain',
  'codeGeneration',
  'codeExplain',
  'debug',
  'config',
  'comparison',
  'summary',
  'multiHop',
  'crossDocument',
  'multiTurn',
  'longContext',
  'reasoning',
  'instruction',
  'falsePremise',
  'unanswerable',
  /** rows that were made elsewhere and tell no task */
  'other',
] as const;
export type Task = (typeof tasks)[number];

export const messageSchema = z.strictObject({
  role: z.enum(['system', 'user', 'assistant']),
  content: z.string().min(1),
});

/** besides the answer itself */
export const maxReferences = 16;

const span = { start: z.int().min(0), end: z.int().min(0) };

export const rowSchema = z.strictObject({
  /** sha256 of messages and source, so the same row has the same id in every version */
  id: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  messages: z.array(messageSchema).min(2),
  task: z.enum(tasks),
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
    /** leads to the place, at the commit that was read; empty where nothing can be opened */
    url: z.string().optional(),
    /** character offsets (UTF-16 code units) in the document, of the chunk the row comes from */
    ...span,
    heading: z.array(z.string()),
    /** empty only for rows that were made elsewhere */
    evidence: z.array(
      z.strictObject({
        quote: z.string().min(1),
        ...span,
        /** path of another document that the quote stands in (tasks over several documents) */
        path: z.string().optional(),
      }),
    ),
  }),
  generator: z.strictObject({
    name: z.string(),
    model: z.string().nullable(),
    /** digest of the prompt template */
    prompt: z.string().nullable(),
    temperature: z.number().optional(),
    maxTokens: z.int().optional(),
    persona: z.string().optional(),
  }),
  /** general rows are mixed in against forgetting; documents are the domain */
  domain: z.enum(['documents', 'general']).default('documents'),
  /** how the answer was come by, kept apart from it */
  reasoning: z.string().optional(),
  /** further right answers, of rows that were made elsewhere: an evaluation compares with all of them, none is trained */
  references: z.array(z.string().min(1)).min(1).max(maxReferences).optional(),
  scores: z
    .strictObject({
      faithful: z.boolean(),
      relevance: z.int().min(0).max(2),
      selfContained: z.int().min(0).max(1),
      difficulty: z.int().min(1).max(5).optional(),
      judge: z.string(),
      /** share of the fact that the base model told without the document, 0 to 1 */
      knownBefore: z.number().min(0).max(1).optional(),
    })
    .partial()
    .optional(),
  /** tokens of all messages but the last answer, and of the answer, as chunking.tokenizer counts them */
  tokens: z.strictObject({ prompt: z.int().min(0), answer: z.int().min(0) }).optional(),
  /** share of the money that the row's requests cost */
  cost: z.number().min(0).optional(),
  /** ids of the rows that this one was made from, such as the original of an augmented question */
  parents: z.array(z.string()).optional(),
  review: z.strictObject({ verdict: z.enum(['accepted', 'edited']), reviewer: z.string() }).optional(),
});
export type Row = z.infer<typeof rowSchema>;

/** The text of a chunk that may be trained as it is. Neighbours of one document follow each other. */
export const passageSchema = z.strictObject({
  /** of the chunk */
  id: z.string(),
  /** the group of its rows, which is on the side that is trained */
  group: z.string().min(1),
  source: z.string(),
  path: z.string(),
  /** character offsets (UTF-16 code units) in the document */
  ...span,
  text: z.string().min(1),
});
export type Passage = z.infer<typeof passageSchema>;

export const rejectedRowSchema = z.strictObject({
  reason: z.string().regex(/^[A-Z][A-Z_]{1,63}$/),
  /** what turned it down: parse, chunk, endpoint, check, judge, duplicates, split, augment, review, import */
  stage: z.string().default('check'),
  detail: z.string().max(1024),
  cost: z.number().min(0).optional(),
  path: z.string(),
  chunk: z.string(),
  row: z.unknown(),
});
export type RejectedRow = z.infer<typeof rejectedRowSchema>;

export const manifestSchema = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  sources: z.array(
    z.strictObject({
      name: z.string(),
      digest: z.string(),
      documents: z.int().min(0),
      url: z.string().optional(),
      revision: z.string().optional(),
      licences: z.record(z.string(), z.int()).optional(),
    }),
  ),
  /** the version before, where spec.growth made the rows depend on it */
  parent: z.string().nullable().optional(),
  /** digest of each prompt template by its name */
  prompts: z.record(z.string(), z.string()).optional(),
  /** by endpoint, such as `judge`, money for a million tokens; null where nothing has a price */
  prices: z.record(z.string(), z.record(z.string(), z.number())).nullable().optional(),
  generator: z.record(z.string(), z.unknown()),
  chunks: z.int().min(0),
  seed: z.int(),
  split: z.record(z.string(), z.unknown()),
  files: z.array(z.strictObject({ path: z.string(), rows: z.int().min(0), sha256: z.string() })),
  tasks: z.record(z.string(), z.int()),
  rejected: z.record(z.string(), z.int()),
});
export type Manifest = z.infer<typeof manifestSchema>;
