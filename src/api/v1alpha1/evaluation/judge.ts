import { z } from 'zod';
import { modelEndpoint } from '../model-endpoint.ts';
import { editedConfigMap, nameRef } from '../references.ts';
import { withRules } from '../rules.ts';
import { decimal, setOf } from '../scalars.ts';

export const judgeAsks = ['Pairwise', 'Graded'] as const;

const odd = {
  cel: 'self % 2 == 1',
  message: 'judge.votes must be odd, so that there is always a majority',
  holds: (votes: number) => votes % 2 === 1,
};

export const judge = withRules(
  z.strictObject({
    openai: z
      .strictObject(modelEndpoint('judge.openai'))
      .describe('The model that judges; better of another family than those that answer and that wrote the rows.'),
    asks: setOf(z.enum(judgeAsks), 1, judgeAsks.length)
      .default(['Pairwise', 'Graded'])
      .describe(
        '"Pairwise" compares the answers of two models in both orders, "Graded" grades each answer by reference and evidence.',
      ),
    votes: withRules(z.int().min(1).max(9), odd)
      .default(1)
      .describe('Votes on each pair, two requests each; most of them decide.'),
    calibrationRef: nameRef('a ConfigMap with the key "labels.jsonl": pairs and answers that people have judged')
      .optional()
      .describe(
        `How far the judge agrees with people is in the report, and told where it is little; ${editedConfigMap}.`,
      ),
    maxCost: decimal('judge.maxCost', { above: 0, max: 1_000_000 })
      .optional()
      .describe('Money that the judge of a run may cost; what was judged until then is kept, and told as partial.'),
  }),
  {
    cel: '!has(self.maxCost) || has(self.openai.prices)',
    message: 'judge.maxCost needs judge.openai.prices',
    holds: ({ maxCost, openai }) => maxCost === undefined || openai.prices !== undefined,
  },
);

const share = (what: string) => z.string().max(32).describe(what);

export const judgeStatus = z.strictObject({
  asked: z.int().min(0).describe('Questions that the judge has answered.'),
  questions: z.int().min(0).describe('Questions that there are.'),
  unreadable: z
    .int()
    .min(0)
    .describe('Answers that were not in the form asked for; they count as ties and as not right.'),
  positionBias: share('Share of the pairs in which it named the same place in both orders.').optional(),
  lengthControlled: share('Win rate in percent that is left when neither answer is longer.').optional(),
  learned: z
    .int()
    .min(0)
    .optional()
    .describe('Questions that the tuned model answers rightly and the baseline did not.'),
  forgotten: z
    .int()
    .min(0)
    .optional()
    .describe('Questions that the baseline answered rightly and the tuned model does not.'),
  kappa: share("Cohen's kappa with the labels of judge.calibrationRef, the lower of pairs and grades.").optional(),
  cost: share('Money that this run has paid for it, by the prices given.').optional(),
  isPartial: z.boolean().describe('Whether something came before the end; "stopped" says what.'),
  stopped: z
    .strictObject({
      reason: z.string().max(64).describe('Why, as one word.'),
      message: z.string().max(256).describe('What to correct.'),
      asked: z.string().max(64).optional().describe('Digest of spec.judge as that run had it.'),
    })
    .optional()
    .describe('What ended the questions to the judge too early: judge.maxCost, or an endpoint that refuses.'),
});
