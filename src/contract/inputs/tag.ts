import { z } from 'zod';
import { digestSchema } from '../artifact.ts';
import { run, version } from './run.ts';

/** What the promoter needs: which manifest of a repository a tag shall name. */
export const tagInputSchema = z.strictObject({
  version,
  run,
  /** registry and path, without a tag */
  repository: z.string().max(255),
  /** of the manifest */
  digest: digestSchema,
  tag: z.string().max(128),
  /** docker configuration with the credentials; null: the registry takes anybody */
  configFile: z.string().max(1024).nullable(),
  /** plain http */
  insecure: z.boolean(),
});
export type TagInput = z.infer<typeof tagInputSchema>;
