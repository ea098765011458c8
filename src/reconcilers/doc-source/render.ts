import { parseBytes } from '../../api/v1alpha1/index.ts';
import type { ComputeResources, DocSource, DocSourceSpec } from '../../api/v1alpha1/index.ts';
import { environment } from '../../contract/environment.ts';
import type { FetchInput } from '../../contract/inputs.ts';
import type { WorkerRun } from '../shared/worker-run.ts';
import type { Hints } from '../shared/pending.ts';
import type { Mount } from '../shared/worker-run.ts';
import type { RunSettings } from '../shared/run-settings.ts';
import type { DesiredRun } from '../shared/run.ts';

const resources: ComputeResources = { gpus: 0 };
const least = { cpu: '100m', memory: '128Mi' };
/** an unreachable source is tried again by the interval, so a Job need not try for long */
const backoffLimit = 2;
/** a source that answers but never ends must not hold its place for ever */
const activeDeadlineSeconds = 3600;

/** A mistaken pattern on a huge repository must not fill the store that others share. */
const maxTotalBytes = 2 ** 30;
const maxDocuments = 100_000;

export function hints({ spec: { git, files } }: DocSource): Hints {
  const secret = git?.secretRef;
  const { configMapRef, claimRef } = files ?? {};
  return {
    resources: undefined,
    deadline: 'leave out what is not needed by spec.git.include and spec.git.exclude',
    mounts: [
      ...(secret === undefined ? [] : [`secret "${secret.name}" (spec.git.secretRef)`]),
      ...(configMapRef === undefined ? [] : [`configmap "${configMapRef.name}" (spec.files.configMapRef)`]),
      ...(claimRef === undefined ? [] : [`claim "${claimRef.name}" (spec.files.claimRef)`]),
    ],
  };
}

/** Where the documents come from, in one line. */
export function sourceLine({ git, files }: DocSourceSpec): string {
  if (git !== undefined) return git.url;
  const { configMapRef, claimRef } = files ?? {};
  if (configMapRef !== undefined) return `configmap/${configMapRef.name}`;
  return `claim/${[claimRef?.name, claimRef?.path].filter((part) => part !== undefined).join('/')}`;
}

function sourceInput({ git, files }: DocSourceSpec): FetchInput['source'] {
  if (git === undefined) {
    const { include = [], exclude = [] } = files ?? {};
    return { files: { path: environment.files.path, include, exclude } };
  }
  const { url, ref = {}, secretRef, include, exclude } = git;
  const { branch, tag, commit } = ref;
  const credentials = secretRef && `${environment.secrets.path}/${secretRef.name}`;
  return {
    git: {
      url,
      ref: {
        ...(branch === undefined ? {} : { branch }),
        ...(tag === undefined ? {} : { tag }),
        ...(commit === undefined ? {} : { commit }),
      },
      include,
      exclude,
      ...(credentials === undefined ? {} : { credentials }),
    },
  };
}

function mountsOf({ git, files }: DocSourceSpec): Mount[] {
  if (git !== undefined) return git.secretRef === undefined ? [] : [{ secret: git.secretRef.name }];
  const { configMapRef, claimRef } = files ?? {};
  const at = environment.files.path;
  if (configMapRef !== undefined) return [{ configMap: configMapRef.name, at }];
  return claimRef === undefined ? [] : [{ claim: claimRef.name, path: claimRef.path, at }];
}

export const fetchInput = ({ metadata, spec }: DocSource, run: DesiredRun): FetchInput => ({
  version: 1,
  run: { namespace: metadata.namespace ?? '', name: run.name, id: run.id },
  source: sourceInput(spec),
  limits: { maxDocumentBytes: parseBytes(spec.maxDocumentSize), maxTotalBytes, maxDocuments },
});

export const fetcherRun = (source: DocSource, run: DesiredRun, { images }: RunSettings): WorkerRun => ({
  owner: source,
  run,
  image: images.operator,
  command: ['node', '/opt/doctune/workers/fetch-documents.mjs'],
  input: fetchInput(source, run),
  mounts: mountsOf(source.spec),
  resources,
  requests: least,
  backoffLimit,
  activeDeadlineSeconds,
});
