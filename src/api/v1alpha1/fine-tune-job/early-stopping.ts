import { z } from 'zod';
import { decimal } from '../scalars.ts';

export const earlyStopping = z.strictObject({
  patience: z.int().min(1).max(1000).default(3).describe('Looks without progress after which the run ends.'),
  minDelta: decimal('earlyStopping.minDelta', { min: 0, max: 100 })
    .default('0')
    .describe('Fall of the loss that counts as progress.'),
});
