import { z } from 'zod';

/** Names the run in logs, reports and paths. `id` is the hash of the inputs and names the folder of a run in the store. */
export const run = z.strictObject({
  namespace: z.string(),
  name: z.string(),
  id: z.string().regex(/^[0-9a-f]{8,64}$/),
});
export const version = z.literal(1);
