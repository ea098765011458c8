import { z } from 'zod';
import { withRules } from '../rules.ts';
import { duration } from '../scalars.ts';

export const retrain = withRules(
  z.strictObject({
    policy: z
      .enum(['OnChange', 'Never', 'Schedule'])
      .default('OnChange')
      .describe(
        '"OnChange": a new dataset or changed parameters train again; "Never": the first adapter stays; "Schedule": changes wait for the next time of the schedule.',
      ),
    schedule: z
      .string()
      .min(9)
      .max(128)
      .optional()
      .describe('Five fields as in cron, such as "0 3 1 */3 *" for each quarter. Unchanged inputs train nothing.'),
    timeZone: z
      .string()
      .min(1)
      .max(64)
      .default('Etc/UTC')
      .describe('Time zone of the schedule, such as "Europe/Berlin".'),
    minInterval: duration('retrain.minInterval', { min: '1s', max: '87600h' })
      .optional()
      .describe('Least time between an adapter and the training of the next one.'),
  }),
  {
    cel: "has(self.schedule) == (self.policy == 'Schedule')",
    message: 'retrain.schedule goes with policy "Schedule"',
    holds: ({ policy, schedule }) => (schedule !== undefined) === (policy === 'Schedule'),
  },
);
