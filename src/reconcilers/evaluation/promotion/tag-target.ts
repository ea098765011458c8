import type { Evaluation, FineTuneJob, PromotedTag } from '../../../api/v1alpha1/index.ts';
import { hashOf } from '../../shared/hash.ts';

/** Which manifest the tag shall name, and how its registry is reached. */
export interface Target {
  repository: string;
  tag: string;
  /** of the manifest */
  digest: string;
  secretRef: { name: string; key: string } | undefined;
  insecure: boolean;
}

export interface Problem {
  reason: string;
  message: string;
}

/** `registry/path@sha256:…`, as the origin of an adapter tells it. */
export function placeOf(oci: string): Pick<Target, 'repository' | 'digest'> {
  const at = oci.lastIndexOf('@');
  return { repository: oci.slice(0, at), digest: oci.slice(at + 1) };
}

/** Whether a training puts the tag on whatever it has made, before anybody has measured it. */
function isPushedTo(job: FineTuneJob | undefined, { repository, tag }: Target): boolean {
  const pushed = job?.spec.output?.oci;
  if (pushed?.tag === undefined || pushed.repository !== repository) return false;
  return tag === pushed.tag || tag.startsWith(`${pushed.tag}-merged`) || tag.startsWith(`${pushed.tag}-gguf`);
}

const registryOf = (repository: string): string => repository.split('/', 1)[0] ?? '';

type Asked = NonNullable<NonNullable<Evaluation['spec']['promotion']>['oci']>;

/** How the registry is reached: what is not given is as trainings push, as long as they push to the same registry. */
function accessOf(
  { secretRef, insecure }: Asked,
  job: FineTuneJob | undefined,
  { repository }: Pick<Target, 'repository'>,
): Pick<Target, 'secretRef' | 'insecure'> {
  const pushed = job?.spec.output?.oci;
  const taken = pushed !== undefined && registryOf(pushed.repository) === registryOf(repository) ? pushed : undefined;
  return { secretRef: secretRef ?? taken?.secretRef, insecure: insecure ?? taken?.insecure ?? false };
}

/** The place of the tag; undefined while nothing is promoted or no tag is asked for. */
export function targetOf({ spec, status }: Evaluation, job: FineTuneJob | undefined): Target | Problem | undefined {
  const asked = spec.promotion?.oci;
  if (asked === undefined || status?.promoted === undefined) return undefined;
  const { name } = spec.jobRef;
  const { oci } = status.promoted;
  if (oci === undefined) {
    const message = `the promoted adapter is in no registry, so no tag can name it: give spec.output.oci of finetunejob "${name}", which counts from its next run on`;
    return { reason: 'NotInRegistry', message };
  }
  const place = placeOf(oci);
  const target = { ...place, tag: asked.tag, ...accessOf(asked, job, place) };
  if (!isPushedTo(job, target)) return target;
  const message = `finetunejob "${name}" pushes every adapter to the tag "${target.tag}", promoted or not: choose another spec.promotion.oci.tag`;
  return { reason: 'TagTaken', message };
}

export const referenceOf = ({ repository, tag }: Target): string => `${repository}:${tag}`;

export const isThere = (target: Target, told: PromotedTag | undefined): boolean =>
  told?.digest === target.digest && told.reference === referenceOf(target);

/** Names a try: what shall be done, for which promotion, and how often it has failed. */
export const hashOfTry = (target: Target, since: string | undefined, failures: number): string =>
  hashOf({ target, since, ...(failures === 0 ? {} : { failures }) });
