import { z } from 'zod';
import { count, time } from './scalars.ts';

export const digest = () =>
  z
    .string()
    .max(71)
    .regex(/^sha256:[0-9a-f]{64}$/);

/** A published result of a stage: immutable, and named by the digest of its content. */
export const artifact = z.strictObject({
  uri: z.string().max(1024).describe('Where the artifact lies in the store.'),
  revision: z.string().max(256).describe('What it was made from, for people: a commit, or the start of a digest.'),
  digest: digest().describe('Digest of the content; the next stage consumes this digest and verifies it.'),
  size: count().describe('Size of all files in bytes.'),
  lastUpdateTime: time().describe('When this digest was first published here; an equal result later does not move it.'),
});
export type Artifact = z.infer<typeof artifact>;

/** What names an artifact to its consumer. */
export const artifactPointer = z.strictObject({
  uri: z.string().max(1024).describe('Where the artifact lies in the store.'),
  digest: digest().describe('Digest of the content.'),
});
export type ArtifactPointer = z.infer<typeof artifactPointer>;
