import { z } from 'zod';
import { nameRef } from '../references.ts';
import { decimal } from '../scalars.ts';

const threshold = (field: string, initial: string, what: string) =>
  decimal(field, { above: 0, max: 1 }).default(initial).describe(what);

export const quality = z.strictObject({
  duplicates: z
    .strictObject({
      question: threshold(
        'quality.duplicates.question',
        '0.8',
        'Questions of different facts that are at least this similar (0 to 1, by their words or characters) are duplicates; less is enough where their answers are alike too.',
      ),
      row: threshold('quality.duplicates.row', '0.9', 'The same for question and answer together.'),
    })
    .prefault({})
    .describe('What counts as said twice; the better row stays.'),
  symbols: z
    .enum(['Check', 'Off'])
    .default('Check')
    .describe('Whether code names in an answer that a model wrote must occur in the documents.'),
  code: z.enum(['Parse', 'Off']).default('Parse').describe('Whether code in an answer must parse in its language.'),
  roundTrip: z
    .enum(['Check', 'Off'])
    .default('Off')
    .describe(
      'Whether the judge must find the same answer in the document by itself; for generator.openai with a judge.',
    ),
  decontamination: z
    .enum(['Check', 'Off'])
    .default('Check')
    .describe('Whether trained rows that repeat held back rows or items of public benchmarks are removed.'),
});

export const consistency = z.strictObject({
  dates: z.enum(['ISO', 'Off']).default('Off').describe('ISO: unambiguous dates in prose become 2026-01-31.'),
  numbers: z
    .enum(['Plain', 'Off'])
    .default('Off')
    .describe('Plain: full-width digits and thousands separators in prose go.'),
  glossaryRef: nameRef('a ConfigMap with the key "glossary.yaml": preferred terms, each with its variants')
    .optional()
    .describe('Terms of the project in one spelling, in the prose of rows. Code is never touched.'),
});

export const gates = z.strictObject({
  minRows: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(20)
    .describe('Fewer rows than this fail the dataset; changed copies and general rows do not count.'),
  minAcceptRate: decimal('gates.minAcceptRate', { min: 0, max: 1 })
    .default('0')
    .describe('Least share of accepted rows among all that were made.'),
  minCoverage: decimal('gates.minCoverage', { min: 0, max: 1 })
    .default('0')
    .describe('Least share of the usable chunks that have a row.'),
  maxDuplicateRate: decimal('gates.maxDuplicateRate', { min: 0, max: 1 })
    .default('1')
    .describe('Largest share of rows that may be duplicates of others.'),
  maxFailedChunks: decimal('gates.maxFailedChunks', { min: 0, max: 1 })
    .default('0.05')
    .describe(
      'Largest share of the chunks that may fail; above it the dataset is PartiallyFailed and is not published.',
    ),
});
