import { z } from 'zod';
import { nameRef } from '../references.ts';

/** The same training, further: optimizer, schedule and place among the rows come with the weights. */
export const resumeFrom = z.strictObject({
  run: z
    .string()
    .max(64)
    .regex(/^[0-9a-f]{8,64}$/)
    .describe('Run of the same dataset, base model and method, by the status.run.id of its FineTuneJob.'),
  step: z.int().min(1).max(10_000_000).optional().describe('Step of the checkpoint; the last one if not given.'),
});

/** Another training, which begins with the weights of an adapter that is done. */
export const initAdapterFrom = z.strictObject({
  jobRef: nameRef('the FineTuneJob').describe('The job whose adapter it is; of the same base model and method.'),
});
