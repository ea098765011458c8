import type { Artifact, Evaluation } from '../../../api/v1alpha1/index.ts';

/**
 * The adapter that one with this digest would take the place of, and is to be compared with. For one that cannot be promoted, as
 * it is promoted already or is held by a rollback, it stays the one that it was compared with: what is promoted moves by the
 * verdict itself, and must not ask for another run.
 */
export function incumbentOf({ spec, status = {} }: Evaluation, digest: string): Artifact | undefined {
  const { promoted, rollback, adapter, incumbent } = status;
  const recorded = adapter?.digest === digest ? incumbent?.artifact : undefined;
  const isHeld = rollback?.held.includes(digest) === true;
  if (spec.gate?.notWorseThanPromoted !== true || promoted === undefined || isHeld) return recorded;
  return promoted.artifact.digest === digest ? recorded : promoted.artifact;
}
