import type { ResourceNames } from './kinds.ts';

/** Path of a resource: all namespaces, one namespace, or one object of it. */
export function pathOf({ group, version, plural }: ResourceNames, namespace?: string, name?: string): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${scope}/${plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}`;
}
