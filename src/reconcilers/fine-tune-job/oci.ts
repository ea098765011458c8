import type { FineTuneJob, FineTuneJobStatus } from '../../api/v1alpha1/index.ts';
import type { TrainInput } from '../../contract/inputs.ts';
import type { Success } from '../../contract/result.ts';
import { secretFile } from '../shared/mounted.ts';
import type { Reach } from '../shared/reach.ts';
import type { Mount } from '../shared/worker-run.ts';

type Spec = FineTuneJob['spec'];

const ociOf = ({ output }: Spec) => output?.oci;

/** The registry as the trainer is told of it. */
export function ociInput(spec: Spec): TrainInput['oci'] {
  const oci = ociOf(spec);
  if (oci === undefined) return null;
  const { repository, tag = null, secretRef, insecure = false } = oci;
  const configFile = secretRef === undefined ? null : secretFile(secretRef.name, secretRef.key);
  return { repository, tag, configFile, insecure };
}

export function ociMounts(spec: Spec): Mount[] {
  const secret = ociOf(spec)?.secretRef;
  return secret === undefined ? [] : [{ secret: secret.name, keys: [secret.key] }];
}

export function ociHints(spec: Spec): string[] {
  const secret = ociOf(spec)?.secretRef;
  return secret === undefined
    ? []
    : [`secret "${secret.name}" with the key "${secret.key}" (spec.output.oci.secretRef)`];
}

/** What must be reached to push. */
export function ociReach(spec: Spec): Reach {
  const oci = ociOf(spec);
  if (oci === undefined) return [];
  return [`${oci.insecure === true ? 'http' : 'https'}://${oci.repository.split('/', 1)[0] ?? ''}`];
}

/** Where the trainer has pushed to: exports have their name behind the tag. */
export function publishedOf(spec: Spec, { published }: Success<'train'>['summary']): FineTuneJobStatus['published'] {
  const repository = ociOf(spec)?.repository;
  if (published === null || repository === undefined) return undefined;
  return Object.entries(published.digests).map(([name, digest]) => {
    const tag = name === 'adapter' || name === 'model' ? published.tag : `${published.tag}-${name}`;
    return { name, reference: `${repository}:${tag}`, digest };
  });
}
