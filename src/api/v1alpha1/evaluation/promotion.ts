import { z } from 'zod';
import { artifact, digest } from '../artifact.ts';
import { time } from '../scalars.ts';

export const verdicts = ['Passed', 'Failed', 'Inconclusive'] as const;

export const abTestOutcomes = ['Won', 'Lost', 'GuardrailBroken', 'Undecided', 'Stopped'] as const;
export type AbTestOutcome = (typeof abTestOutcomes)[number];
export type Verdict = (typeof verdicts)[number];

export const runName = () => z.string().max(63);

/** Where an adapter comes from; what was measured before these fields were kept has none of them. */
export const origin = {
  trainingRun: runName().optional().describe('Run of the FineTuneJob that made it.'),
  datasetDigest: digest().optional().describe('Digest of the rows it was made from.'),
  baseModel: z.string().max(256).optional().describe('Its base model, in one word.'),
  baseModelRevision: z.string().max(256).optional().describe('What names the base weights exactly.'),
  method: z
    .string()
    .max(32)
    .optional()
    .describe('The method it was trained by; "Full" and "Freeze" give a whole model.'),
  oci: z
    .string()
    .max(640)
    .optional()
    .describe('Where it lies in a registry, by its digest, if the FineTuneJob pushed it to one.'),
  merged: z.boolean().optional().describe('Whether base and adapter lie beside it as one model.'),
};

const promoted = z.strictObject({
  artifact: artifact.describe('The adapter.'),
  since: time().describe('When it was promoted.'),
  run: runName().optional().describe('Run of this Evaluation that it passed in.'),
  ...origin,
  by: z
    .enum(['Gate', 'Rollback', 'ABTest'])
    .optional()
    .describe('Whether the gate promoted it, a test under traffic, or somebody who went back to it.'),
});

export type Promoted = z.output<typeof promoted>;
export type Origin = Pick<Promoted, keyof typeof origin>;

const pastRun = z.strictObject({
  run: runName().describe('Run of this Evaluation.'),
  time: time().describe('When its results came.'),
  artifact: artifact.describe('The adapter that was measured; it stays in the store.'),
  ...origin,
  verdict: z.enum(verdicts).describe('What the gate said of it last, while its results were the newest.'),
  promoted: z.boolean().describe('Whether it was promoted: by the gate, by a test under traffic, or by its name.'),
  rolledBack: z.boolean().optional().describe('Whether somebody went back from it since; "previous" passes over it.'),
  abTest: z.enum(abTestOutcomes).optional().describe('How its test under traffic ended.'),
  recall: z.string().max(32).optional().describe('BLEU of the tuned model on "recall".'),
  delta: z.string().max(32).optional().describe('Tuned minus base of the same.'),
  unseen: z.string().max(32).optional().describe('Relative change of the perplexity on "test".'),
});

export type PastRun = z.output<typeof pastRun>;

const who = {
  by: z.string().max(256).optional().describe('Who asked for it, as the annotation "doctune.dev/rollback-by" says.'),
  reason: z.string().max(1024).optional().describe('Why, as the annotation "doctune.dev/rollback-reason" says.'),
};

const move = {
  to: runName().describe('Run whose adapter was promoted again.'),
  from: runName().optional().describe('Run whose adapter was promoted before.'),
  time: time().describe('When.'),
  ...who,
};

/** Status fields of promotion, its history and what was rolled back. */
export const promotionStatus = {
  promoted: promoted
    .optional()
    .describe('The last adapter that passed, or that somebody went back to; one that fails leaves it in place.'),
  history: z
    .array(pastRun)
    .max(50)
    .optional()
    .describe('Runs with their headlines, the newest first, at most spec.historyLimit of them.'),
  rollback: z
    .strictObject({
      ...move,
      held: z
        .array(digest())
        .max(100)
        .describe('Adapters that are not promoted again by the gate: those newer than the one gone back to.'),
    })
    .optional()
    .describe('The rollback in force; it ends when a newer adapter passes.'),
  rollbacks: z.array(z.strictObject(move)).max(20).optional().describe('All rollbacks, the newest first.'),
  rollbackRequest: z
    .strictObject({
      value: z.string().max(256).describe('Value of the annotation "doctune.dev/rollback" that was last acted upon.'),
      refused: z
        .strictObject({
          reason: z.string().max(64).describe('Why it was refused, as one word.'),
          message: z.string().max(1024).describe('Why it was refused, and what to do.'),
        })
        .optional()
        .describe('Set if nothing was done.'),
    })
    .optional()
    .describe('The last request for a rollback; gone with its annotation.'),
};
