import type { Endpoint } from './endpoint.ts';
import { configFolder, secretFile } from './mounted.ts';
import type { Mount } from './worker-run.ts';

/** Something of the namespace that a run reads, with the field that names it. */
export interface Reference {
  field: string;
  mount: Mount;
  /** folder or file that the worker is told */
  path: string;
}

export interface FileSource {
  configMapRef?: { name: string } | undefined;
  claimRef?: { name: string; path?: string | undefined } | undefined;
}

export function fileReference(field: string, source: FileSource | undefined, at: string): Reference[] {
  if (source?.configMapRef !== undefined) {
    const { name } = source.configMapRef;
    return [{ field: `${field}.configMapRef`, mount: { configMap: name, at }, path: at }];
  }
  if (source?.claimRef === undefined) return [];
  const { name, path } = source.claimRef;
  return [{ field: `${field}.claimRef`, mount: { claim: name, path, at }, path: at }];
}

export const configReference = (field: string, ref: { name: string } | undefined): Reference[] =>
  ref === undefined
    ? []
    : [{ field, mount: { configMap: ref.name, at: configFolder(ref.name) }, path: configFolder(ref.name) }];

/** Secret and authority of an endpoint. */
export function endpointReferences(field: string, endpoint: Pick<Endpoint, 'apiKeySecretRef' | 'caConfigMapRef'>) {
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

export const mountsOfReferences = (references: readonly Reference[]): Mount[] =>
  mountedOnce(references.map(({ mount }) => mount));

/** One mount for each object: a path can be mounted once. */
export function mountedOnce(wanted: readonly Mount[]): Mount[] {
  const mounts = new Map<string, Mount>();
  for (const mount of wanted) {
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
export const hintsOfReferences = (references: readonly Reference[]): string[] =>
  references.map(({ field, mount }) => `${nameOf(mount)} (${field})`);
