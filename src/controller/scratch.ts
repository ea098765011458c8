import { Job } from 'kubernetes-models/batch/v1/Job';
import { apply, progressing, remove } from './plan.ts';
import type { Plan } from './plan.ts';
import { jobs, pods, resource } from './kinds.ts';
import { byOwner, byOwnerOf, byReference } from './reconciler.ts';
import type { AnyReconciler, ConditionedStatus, ReconciledObject, Reconciler } from './reconciler.ts';
interface S extends ConditionedStatus {
  digest?: string;
  rows?: { train: number };
}
interface O extends ReconciledObject<S> {
  spec: { x: string };
}
const os = resource<O>({ group: 'doctune.dev', version: 'v1alpha1', kind: 'O', plural: 'os' });
export const r: Reconciler<O, { o: O; n: number }, S> = {
  kind: os,
  watches: [byOwner(os, jobs, 'a'), byOwnerOf(os, jobs, pods), byReference(os)],
  references: (o) => [{ kind: os, namespace: o.metadata.namespace, name: o.spec.x }],
  observe: (reader, o) => ({ o, n: reader.ownedBy(jobs, o).filter((j) => j.status?.active).length }),
  plan: ({ o }): Plan<S> =>
    progressing('A', 'b', {
      actions: [apply(new Job({ metadata: { name: 'x' } })), remove(o)],
      status: { digest: null, rows: { train: 1 } },
    }),
};
export const all: AnyReconciler[] = [r];
