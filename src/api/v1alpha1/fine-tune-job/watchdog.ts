import { z } from 'zod';
import { decimal } from '../scalars.ts';

export const watchdog = z.strictObject({
  nonFinite: z
    .enum(['Rollback', 'Fail'])
    .optional()
    .describe(
      'What follows a loss or gradient that is not finite. "Rollback": the step is left out, then the run goes back to its last checkpoint with half the learning rate, twice at the most; "Fail": the run fails; Rollback if not given.',
    ),
  lossSpikeFactor: decimal('watchdog.lossSpikeFactor', { min: 1, max: 1_000_000 })
    .optional()
    .describe(
      'A loss above so many times the median of the last 50, and above each of them, is left out; 3 if not given.',
    ),
  maxGradNorm: decimal('watchdog.maxGradNorm', { above: 0, max: 1_000_000_000 })
    .optional()
    .describe('Five longer gradients in a row, before they are cut, make the run go back; 100 if not given.'),
  minThroughput: z
    .int()
    .min(1)
    .max(1_000_000_000)
    .optional()
    .describe('Tokens a second below which the condition GPUUnderused says so, with advice; not watched if not given.'),
  stallSeconds: z
    .int()
    .min(10)
    .max(604_800)
    .optional()
    .describe(
      'Seconds without a finished batch after which the process is started again, and without a report after which the condition RunStalled says so; 1800 if not given.',
    ),
});
