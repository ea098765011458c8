import { parseDuration } from '../../api/v1alpha1/index.ts';
import type { DocSourceSpec } from '../../api/v1alpha1/index.ts';
import { environment } from '../../contract/environment.ts';
import type { FetchInput } from '../../contract/inputs.ts';
import { configFolder, secretFolder } from '../shared/mounted.ts';
import type { Mount } from '../shared/worker-run.ts';

type Web = NonNullable<DocSourceSpec['web']>;
type Git = NonNullable<DocSourceSpec['git']>;
type S3 = NonNullable<NonNullable<DocSourceSpec['files']>['s3']>;

function gitInput({ url, ref = {}, secretRef, submodules, include, exclude }: Git) {
  const { branch, tag, commit } = ref;
  return {
    url,
    ref: {
      ...(branch === undefined ? {} : { branch }),
      ...(tag === undefined ? {} : { tag }),
      ...(commit === undefined ? {} : { commit }),
    },
    submodules,
    include,
    exclude,
    ...(secretRef === undefined ? {} : { credentials: secretFolder(secretRef.name) }),
  };
}

const webInput = ({ rate, timeout, sitemap, caConfigMapRef: authority, ...rest }: Web) => ({
  ...rest,
  sitemap: sitemap ?? null,
  rate: Number(rate),
  timeoutSeconds: parseDuration(timeout),
  ...(authority === undefined ? {} : { caFile: `${configFolder(authority.name)}/${authority.key}` }),
});

const s3Input = ({ endpoint, region, bucket, prefix, secretRef }: S3) => ({
  endpoint: endpoint ?? null,
  region,
  bucket,
  prefix,
  ...(secretRef === undefined ? {} : { credentials: secretFolder(secretRef.name) }),
});

/** The source as the worker is told of it. */
export function sourceInput({ git, web, files }: DocSourceSpec): FetchInput['source'] {
  if (git !== undefined) return { git: gitInput(git) };
  if (web !== undefined) return { web: webInput(web) };
  const { include = [], exclude = [], s3 } = files ?? {};
  if (s3 !== undefined) return { s3: { ...s3Input(s3), include, exclude } };
  return { files: { path: environment.files.path, include, exclude } };
}

/** What the pod mounts, with the fields that name it. */
export function referencesOf({ git, web, files }: DocSourceSpec): { what: string; mount: Mount }[] {
  const secret = (ref: { name: string } | undefined, field: string) =>
    ref === undefined ? [] : [{ what: `secret "${ref.name}" (${field})`, mount: { secret: ref.name } }];
  const { configMapRef, claimRef, s3 } = files ?? {};
  const authority = web?.caConfigMapRef;
  const at = environment.files.path;
  return [
    ...secret(git?.secretRef, 'spec.git.secretRef'),
    ...secret(s3?.secretRef, 'spec.files.s3.secretRef'),
    ...(authority === undefined
      ? []
      : [
          {
            what: `configmap "${authority.name}" (spec.web.caConfigMapRef)`,
            mount: { configMap: authority.name, at: configFolder(authority.name) },
          },
        ]),
    ...(configMapRef === undefined
      ? []
      : [
          {
            what: `configmap "${configMapRef.name}" (spec.files.configMapRef)`,
            mount: { configMap: configMapRef.name, at },
          },
        ]),
    ...(claimRef === undefined
      ? []
      : [
          {
            what: `claim "${claimRef.name}" (spec.files.claimRef)`,
            mount: { claim: claimRef.name, path: claimRef.path, at },
          },
        ]),
  ];
}
