import type { ArtifactInput, ArtifactRecord } from '../../contract/artifact.ts';

export type ArtifactKind = 'documents' | 'datasets';

/** Where artifacts are published and consumed, whatever lies behind it. */
export interface ArtifactStore {
  /** Publish the regular files of a folder; publishing the same content twice is one artifact. */
  put(folder: string, kind: ArtifactKind): Promise<ArtifactRecord>;
  /** A folder with the artifact, every byte of it checked against the digest. Throws a `data` failure otherwise. */
  get(artifact: ArtifactInput): Promise<string>;
  /** A folder that outlives the worker, for what is paid for and may be needed again. */
  cache(name: string): Promise<string>;
}
