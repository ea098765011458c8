import { z } from 'zod';
import { decimal } from '../scalars.ts';

export const earlyStopping = z.strictObject({
  patience: z
    .int()
    .min(0)
    .max(1000)
    .optional()
    .describe(
      'Looks without progress after which the run ends; 0 switches early stopping of a preset off; 3 if not given.',
    ),
  minDelta: decimal('earlyStopping.minDelta', { min: 0, max: 100 })
    .optional()
    .describe('Fall of the loss that counts as progress; 0 if not given.'),
});
