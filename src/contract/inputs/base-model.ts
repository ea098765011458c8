import { z } from 'zod';

/** Exactly one key: a model inside the trainer image, one of a hub, or a folder on a mounted claim. */
export const baseModelSchema = z.union([
  z.strictObject({ builtIn: z.enum(['smollm2-135m', 'tiny']) }),
  z.strictObject({
    huggingFace: z.strictObject({ repo: z.string(), revision: z.string(), tokenFile: z.string().optional() }),
  }),
  z.strictObject({ path: z.string() }),
]);
