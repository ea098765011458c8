import type { Artifact, Condition } from '../../api/v1alpha1/index.ts';
import type { ArtifactRecord } from '../../contract/artifact.ts';

/** The artifact as the status keeps it. An equal digest keeps its time, so that nobody downstream looks again. */
export function published(
  record: ArtifactRecord,
  revision: string,
  before: Artifact | undefined,
  time: string,
): Artifact {
  const lastUpdateTime = before?.digest === record.digest ? before.lastUpdateTime : time;
  return { ...record, revision, lastUpdateTime };
}

/** `sha256:` and the first digits, enough for people. */
export const shortDigest = (digest: string): string => digest.slice(0, 'sha256:'.length + 12);

interface Conditioned {
  conditions?: Condition[] | undefined;
}

const isTrue = (status: Conditioned | undefined, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;

const readyOf = (status: Conditioned | undefined): Condition | undefined =>
  status?.conditions?.find(({ type }) => type === 'Ready');

interface Publisher {
  metadata: { generation?: number };
  status?: (Conditioned & { observedGeneration?: number | undefined }) | undefined;
}

/**
 * Whether a newer artifact is or may be on its way, so that work on the present one would soon be for nothing. An edit
 * that its own reconciler has not seen yet counts: two objects edited by one apply are seen in any order.
 */
export function isChanging(publisher: Publisher | undefined): boolean {
  const { metadata, status } = publisher ?? {};
  const isEdited = status?.observedGeneration !== undefined && status.observedGeneration !== metadata?.generation;
  return isEdited || (readyOf(status)?.status === 'Unknown' && isTrue(status, 'Reconciling'));
}

/** The last word of another object, to be told with what waits for it. */
export const messageOf = (status: Conditioned | undefined): string => {
  const message = readyOf(status)?.message;
  return message === undefined ? '' : `: ${message}`;
};
