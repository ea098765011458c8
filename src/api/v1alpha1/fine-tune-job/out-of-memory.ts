import { z } from 'zod';

export const outOfMemory = z.strictObject({
  policy: z
    .enum(['Adapt', 'Fail'])
    .optional()
    .describe(
      '"Adapt": smaller batches with as many rows a step, then gradient checkpointing, each told as a warning; "Fail": the run fails; Adapt if not given.',
    ),
});
