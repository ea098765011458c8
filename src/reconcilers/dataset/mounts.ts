import type { DatasetSpec } from '../../api/v1alpha1/index.ts';
import { environment } from '../../contract/environment.ts';
import { configFolder, secretFile } from '../shared/mounted.ts';
import type { Mount } from '../shared/worker-run.ts';

/** Where the parts of a spec that lie in other objects are mounted. */
const places = {
  import: `${environment.files.path}/import`,
  general: `${environment.files.path}/general`,
  tokenizer: `${environment.models.path}/tokenizer`,
};

/** Something of the namespace that a run reads, with the field that names it. */
interface Reference {
  field: string;
  mount: Mount;
  /** folder or file that the worker is told */
  path: string;
}

interface FileSource {
  configMapRef?: { name: string } | undefined;
  claimRef?: { name: string; path?: string | undefined } | undefined;
}

function fileReference(field: string, source: FileSource | undefined, at: string): Reference[] {
  if (source?.configMapRef !== undefined) {
    const { name } = source.configMapRef;
    return [{ field: `${field}.configMapRef`, mount: { configMap: name, at }, path: at }];
  }
  if (source?.claimRef === undefined) return [];
  const { name, path } = source.claimRef;
  return [{ field: `${field}.claimRef`, mount: { claim: name, path, at }, path: at }];
}

const configReference = (field: string, ref: { name: string } | undefined): Reference[] =>
  ref === undefined
    ? []
    : [{ field, mount: { configMap: ref.name, at: configFolder(ref.name) }, path: configFolder(ref.name) }];

type Endpoint = NonNullable<NonNullable<DatasetSpec['generator']>['openai']>;

/** Every model that the spec names, with its field. */
export const endpointsOf = ({ generator, judge, knowledgeGap }: DatasetSpec) =>
  [
    { field: 'spec.generator.openai', endpoint: generator?.openai },
    { field: 'spec.judge.openai', endpoint: judge?.openai },
    { field: 'spec.knowledgeGap.openai', endpoint: knowledgeGap?.openai },
  ].flatMap(({ field, endpoint }) => (endpoint === undefined ? [] : [{ field, endpoint }]));

function endpointReferences(field: string, endpoint: Pick<Endpoint, 'apiKeySecretRef' | 'caConfigMapRef'>) {
  const { apiKeySecretRef: key, caConfigMapRef: authority } = endpoint;
  const secret: Reference[] =
    key === undefined
      ? []
      : [
          {
            field: `${field}.apiKeySecretRef`,
            mount: { secret: key.name, keys: [key.key] },
            path: secretFile(key.name, key.key),
          },
        ];
  return [...secret, ...configReference(`${field}.caConfigMapRef`, authority)];
}

export function referencesOf(spec: DatasetSpec): Reference[] {
  const { importFrom, mixture, chunking, promptsRef, judge, consistency, review } = spec;
  return [
    ...fileReference('spec.importFrom', importFrom, places.import),
    ...fileReference('spec.mixture.general', mixture?.general, places.general),
    ...fileReference('spec.chunking.tokenizer', { claimRef: chunking.tokenizer?.claimRef }, places.tokenizer),
    ...configReference('spec.promptsRef', promptsRef),
    ...configReference('spec.judge.calibrationRef', judge?.calibrationRef),
    ...configReference('spec.consistency.glossaryRef', consistency.glossaryRef),
    ...configReference('spec.review.verdictsRef', review?.verdictsRef),
    ...endpointsOf(spec).flatMap(({ field, endpoint }) => endpointReferences(field, endpoint)),
  ];
}

/** Folder or file of a field, null where the spec does not have it. */
export const pathOf = (spec: DatasetSpec, field: string): string | null =>
  referencesOf(spec).find((reference) => reference.field.startsWith(field))?.path ?? null;

/** One mount for each object: a path can be mounted once. */
export function mountsOf(spec: DatasetSpec): Mount[] {
  const mounts = new Map<string, Mount>();
  for (const { mount } of referencesOf(spec)) {
    const place = 'secret' in mount ? mount.secret : mount.at;
    const known = mounts.get(place);
    if (known !== undefined && 'secret' in known && 'secret' in mount) {
      const keys = [...new Set([...(known.keys ?? []), ...(mount.keys ?? [])])];
      mounts.set(place, { ...known, keys });
    } else mounts.set(place, mount);
  }
  return [...mounts.values()];
}

const nameOf = (mount: Mount): string => {
  if ('secret' in mount) return `secret "${mount.secret}" with the key "${mount.keys?.join('", "') ?? ''}"`;
  return 'configMap' in mount ? `configmap "${mount.configMap}"` : `claim "${mount.claim}"`;
};

/** What the pod mounts, with the fields that name it. */
export const mountHints = (spec: DatasetSpec): string[] =>
  referencesOf(spec).map(({ field, mount }) => `${nameOf(mount)} (${field})`);
