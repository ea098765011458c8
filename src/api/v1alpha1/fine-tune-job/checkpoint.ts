import { z } from 'zod';

export const checkpoint = z.strictObject({
  everySteps: z
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .describe('Steps between two checkpoints; a tenth of the run if not given.'),
  keep: z.int().min(1).max(100).optional().describe('Checkpoints that are kept; 3 if not given.'),
});
