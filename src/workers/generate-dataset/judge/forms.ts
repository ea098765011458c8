import { z } from 'zod';
import { formOf } from '../../model-endpoint/form.ts';

export const verdictForm = formOf(
  'verdict',
  z.strictObject({
    claims: z.array(z.strictObject({ text: z.string(), supported: z.boolean() })),
    faithful: z.boolean(),
    relevance: z.int().min(0).max(2),
    selfContained: z.int().min(0).max(1),
    codeCorrect: z.boolean().nullable(),
    difficulty: z.int().min(1).max(5),
    reason: z.string(),
  }),
);

export const verdictExample = JSON.stringify({
  claims: [{ text: 'retries sets how often a failed request is sent again', supported: true }],
  faithful: true,
  relevance: 2,
  selfContained: 1,
  codeCorrect: null,
  difficulty: 1,
  reason: 'the document says so in the list of options',
});

const alone = z.strictObject({
  sound: z.boolean(),
  relevance: z.int().min(0).max(2),
  selfContained: z.int().min(0).max(1),
  codeCorrect: z.boolean().nullable(),
  difficulty: z.int().min(1).max(5),
  reason: z.string(),
});

/** A verdict on a row that has no document to be held against. */
export const aloneForm = formOf('verdict_alone', alone);
export type AloneVerdict = z.infer<typeof alone>;

export const aloneExample = JSON.stringify({
  sound: true,
  relevance: 2,
  selfContained: 1,
  codeCorrect: null,
  difficulty: 1,
  reason: 'it says what was asked',
});

export const foundForm = formOf('found_answer', z.strictObject({ answerable: z.boolean(), answer: z.string() }));
export const foundExample = JSON.stringify({
  answerable: true,
  answer: 'It sets how often a failed request is sent again.',
});

export const comparisonForm = formOf('comparison', z.strictObject({ same: z.boolean(), reason: z.string() }));
export const comparisonExample = JSON.stringify({ same: true, reason: 'both say how often a request is repeated' });
