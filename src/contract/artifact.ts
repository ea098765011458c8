import { createHash } from 'node:crypto';
import { z } from 'zod';

export const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** A published, immutable directory in the store. `size` is the sum of its files in bytes. */
export const artifactSchema = z.strictObject({
  uri: z.string().max(1024),
  digest: digestSchema,
  size: z.int().min(0),
});
export type ArtifactRecord = z.infer<typeof artifactSchema>;

/** What a consumer is given: where the artifact lies and which digest it must have. */
export const artifactInputSchema = artifactSchema.omit({ size: true });
export type ArtifactInput = z.infer<typeof artifactInputSchema>;

export const checksumFile = 'SHA256SUMS';

export interface FileDigest {
  /** relative to the artifact, `/` as separator */
  path: string;
  /** 64 hex digits */
  sha256: string;
}

const byBytes = (a: FileDigest, b: FileDigest): number => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));

/** The content of SHA256SUMS: what `sha256sum -c` reads, sorted by the bytes of the path. */
export function renderChecksums(files: readonly FileDigest[]): string {
  return [...files]
    .sort(byBytes)
    .map((file) => `${file.sha256}  ${file.path}\n`)
    .join('');
}

/** The digest of an artifact is the digest of its SHA256SUMS, so coreutils alone can verify it. */
export function artifactDigest(checksums: string): string {
  return `sha256:${createHash('sha256').update(checksums).digest('hex')}`;
}
