import { z } from 'zod';
import { claimRef, nameRef } from '../references.ts';
import { exactlyOneOf, withRules } from '../rules.ts';
import { decimal, duration, setOf } from '../scalars.ts';

export const rows = z.strictObject({
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

export const split = withRules(
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

/** Where rows lie that were made elsewhere. */
const rowFiles = (field: string) => ({
  configMapRef: nameRef('the ConfigMap whose keys are files of rows').optional().describe('Rows in a ConfigMap.'),
  claimRef: claimRef(`${field}.claimRef`, 'the rows').optional().describe('Rows on a PersistentVolumeClaim.'),
});

export const importFrom = withRules(
  z.strictObject({
    ...rowFiles('importFrom'),
    format: z
      .enum(['Auto', 'messages', 'alpaca', 'sharegpt', 'promptCompletion'])
      .default('Auto')
      .describe('Form of the rows; Auto tells it by the members of each row.'),
    historyTurns: z
      .int()
      .min(0)
      .max(64)
      .optional()
      .describe('Turns of a conversation before the last one that a row keeps; all if not given.'),
    screening: z
      .strictObject({
        secrets: z
          .enum(['Redact', 'Skip', 'Off'])
          .default('Redact')
          .describe('Keys and tokens in rows: Redact them, Skip the row, or Off.'),
        personalData: z
          .enum(['Redact', 'Off'])
          .default('Redact')
          .describe('Mail addresses, telephone, bank, card and identity numbers of people: Redact them, or Off.'),
      })
      .prefault({})
      .describe('What must not be trained. A row whose question or answer has a gap after that is turned down.'),
  }),
  exactlyOneOf('importFrom', 'configMapRef', 'claimRef'),
);

const general = withRules(
  z.strictObject(rowFiles('mixture.general')),
  exactlyOneOf('mixture.general', 'configMapRef', 'claimRef'),
);

const chance = (name: string, initial: string, what: string) =>
  decimal(`augmentation.${name}`, { min: 0, max: 1 }).default(initial).describe(what);

export const shaping = {
  augmentation: z
    .strictObject({
      copies: z.int().min(1).max(8).default(1).describe('Changed copies of each trained question at the most.'),
      synonym: chance('synonym', '0.3', 'Chance that a word of the question gives way to a synonym.'),
      swap: chance('swap', '0.2', 'Chance that two words of the question change places.'),
      delete: chance('delete', '0.1', 'Chance that a word of the question is left out.'),
    })
    .optional()
    .describe('Add changed copies of trained questions. Answers, code, names and numbers stay as they are.'),
  mixture: z
    .strictObject({
      general: general.describe('Rows of a general kind, in any of the known formats.'),
      domainWeight: decimal('mixture.domainWeight', { above: 0, max: 1 })
        .default('0.7')
        .describe('Share of the trained tokens that is about the documents; the rest is general.'),
    })
    .optional()
    .describe('Mix in general rows, so that the model forgets less.'),
  growth: z
    .strictObject({
      maxFraction: decimal('growth.maxFraction', { above: 0, max: 10 })
        .default('0.05')
        .describe(
          'Rows that a new version may add, as a share of the rows of the version before it; a model is asked for no more.',
        ),
      interval: duration('growth.interval', { min: '1s', max: '87600h' })
        .default('720h')
        .describe('Least time between two versions; changed documents wait for it, a changed spec does not.'),
    })
    .optional()
    .describe('Let the dataset grow slowly: rows of unchanged documents stay, new ones are limited.'),
  formats: setOf(z.enum(['messages', 'alpaca', 'sharegpt', 'promptCompletion', 'text', 'preferences']), 1, 6)
    .default(['messages'])
    .describe('Forms in which the rows are written; "messages" is what a FineTuneJob reads and is always there.'),
  review: z
    .strictObject({
      sample: z.int().min(1).max(10_000).default(50).describe('Rows on the sheet for reviewers.'),
      verdictsRef: nameRef('a ConfigMap with the key "verdicts.csv": the sheet as the reviewers filled it in')
        .optional()
        .describe('Verdicts of reviewers: what they turned down is rejected.'),
    })
    .optional()
    .describe('Write a sheet for human reviewers beside the rows, and take their verdicts in.'),
};
