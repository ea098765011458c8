import type { Evaluation, FineTuneJob } from '../../../api/v1alpha1/index.ts';
import type { ClusterReader } from '../../../controller/reconciler.ts';
import { evaluations, fineTuneJobs } from '../../kinds.ts';
import { placeOf } from './tag-target.ts';

type JobOf = (evaluation: Evaluation) => FineTuneJob | undefined;

/** The tag that an Evaluation moves, or will: it lies where its promoted adapter does, else where its trainings push to. */
function tagOf({ spec, status }: Evaluation, job: FineTuneJob | undefined): string | undefined {
  const { tag } = spec.promotion?.oci ?? {};
  const oci = status?.promoted?.oci;
  const repository = oci === undefined ? job?.spec.output?.oci?.repository : placeOf(oci).repository;
  return tag === undefined || repository === undefined ? undefined : `${repository}:${tag}`;
}

const nameOf = ({ metadata: { namespace = '', name } }: Evaluation): string => `${namespace}/${name}`;

/** By which of two Evaluations one is older, also when they were made in the same second. */
const ageOf = (evaluation: Evaluation): string =>
  `${evaluation.metadata.creationTimestamp ?? ''} ${nameOf(evaluation)}`;

/** The oldest of these Evaluations that moves the same tag as this one, and is older. */
export function olderOwnerOf(evaluation: Evaluation, all: readonly Evaluation[], jobOf: JobOf): string | undefined {
  const own = tagOf(evaluation, jobOf(evaluation));
  if (own === undefined) return undefined;
  const [oldest] = all
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter((other) => ageOf(other) < ageOf(evaluation) && tagOf(other, jobOf(other)) === own)
    .sort((a, b) => (ageOf(a) < ageOf(b) ? -1 : 1));
  return oldest && nameOf(oldest);
}

/** Reads all Evaluations that the operator sees, so only for one that moves a tag. */
export function observeTagOwner(reader: ClusterReader, evaluation: Evaluation): string | undefined {
  if (evaluation.spec.promotion?.oci === undefined) return undefined;
  return olderOwnerOf(evaluation, reader.list(evaluations), ({ metadata, spec }) =>
    reader.get(fineTuneJobs, metadata.namespace, spec.jobRef.name),
  );
}
