import { z } from 'zod';

const count = z.int().min(0);
const share = z.number().min(0).max(1);
const counts = z.record(z.string(), count);

/** Of whole numbers, exact; null of none. `p95`: the smallest number that 95 % of them do not exceed. */
export const quantilesSchema = z
  .strictObject({ min: count, p50: count, p90: count, p95: count, p99: count, max: count, mean: z.number().min(0) })
  .nullable();
export type Quantiles = z.infer<typeof quantilesSchema>;

const part = z.strictObject({
  total: count,
  /** with a chunk that is asked about */
  usable: count,
  /** with an accepted row */
  covered: count,
});

/** report.json of the dataset artifact: what the rows are like, and what the documents were like. */
export const reportSchema = z.strictObject({
  version: z.literal(1),
  rows: z.strictObject({
    total: count,
    bySplit: counts,
    byTask: counts,
    byLanguage: counts,
    byDomain: counts,
    /** copies of other rows with a changed question */
    augmented: count,
    /** rows that a human has looked at, by verdict */
    reviewed: counts,
  }),
  rejected: z.strictObject({ byStage: counts, byReason: counts }),
  /** of rows about the documents; general rows are left out */
  diversity: z.strictObject({
    /** questions that `firstWords` and `distinct` look at, drawn evenly if there are more rows */
    sampled: count,
    /** the most frequent beginnings of two words, or two Chinese characters */
    firstWords: z.array(z.strictObject({ words: z.string(), rows: count })).max(20),
    /** different n-grams by all n-grams of the sampled questions */
    distinct1: share.nullable(),
    distinct2: share.nullable(),
    /** mean BLEU-4 of a question against the others: 1 if all are alike */
    selfBleu: share.nullable(),
    selfBleuSampled: count,
    questionTypes: counts,
    /** Shannon entropy of the tasks in bits */
    taskEntropy: z.number().min(0),
    /** UTF-16 code units */
    questionCharacters: quantilesSchema,
    answerCharacters: quantilesSchema,
    rowsPerDocument: quantilesSchema,
  }),
  /** null if no tokenizer counted */
  tokens: z
    .strictObject({
      tokenizer: z.string(),
      /** all messages but the last answer */
      prompt: quantilesSchema,
      answer: quantilesSchema,
      /** with what the chat template adds */
      total: quantilesSchema,
      /** rows that a trainer with this `maxLength` would cut */
      over: z.array(z.strictObject({ limit: count, rows: count, share })),
    })
    .nullable(),
  coverage: z.strictObject({
    chunks: part.extend({ skipped: counts }),
    documents: part,
    sections: part,
    /** covered by usable chunks */
    share,
    /** rows and documents of each task */
    byTask: z.record(z.string(), z.strictObject({ rows: count, documents: count })),
    /** the documents with the least share of covered chunks, and how many chunks that is */
    lowest: z.array(z.strictObject({ document: z.string(), usable: count, covered: count })).max(20),
  }),
  cleanliness: z.strictObject({
    documents: count,
    /** documents with at least one change */
    cleaned: count,
    /** characters changed, by kind */
    changes: counts,
    /** pieces taken out, by kind */
    redactions: counts,
    /** documents that lie in the artifact in another form than they were found in */
    converted: count,
    licences: counts,
  }),
  /** forms in the prose of rows that were not as asked for, before and after; null if nothing was asked for */
  consistency: z.record(z.string(), z.strictObject({ before: count, after: count })).nullable(),
  duplicates: counts.nullable(),
  contamination: counts.nullable(),
  augmentation: counts.nullable(),
  /** `domainShare`: of the trained tokens */
  mixture: z.strictObject({ counts, domainShare: share }).nullable(),
  review: counts.nullable(),
  delta: counts.nullable(),
  warnings: z.array(z.string()),
});
export type Report = z.infer<typeof reportSchema>;
