import { z } from 'zod';

export const outOfMemory = z.strictObject({
  policy: z
    .enum(['Adapt', 'Fail'])
    .optional()
    .describe(
      '"Adapt": smaller batches with as many rows a step, then gradient checkpointing, each told as a warning, in runs of one process; "Fail": the run fails, as runs of several GPUs or nodes do; Adapt if not given.',
    ),
});
