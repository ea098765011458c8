import { stringify } from 'yaml';
import { group } from '../../src/api/v1alpha1/kind.ts';
import { kinds } from '../../src/api/v1alpha1/kinds.ts';
import type { GeneratedFile } from './file.ts';

const reads = ['get', 'list', 'watch'];
const children = [...reads, 'create', 'patch', 'delete'];
const plurals = kinds.map(({ plural }) => plural);

/** What the operator may do in the namespaces it serves. There is no verb on Secrets: only worker pods mount them. */
const rules = [
  { apiGroups: [group], resources: plurals, verbs: [...reads, 'patch'] },
  { apiGroups: [group], resources: plurals.map((plural) => `${plural}/status`), verbs: ['get', 'patch'] },
  // without it an owner reference that blocks deletion is refused where that admission check is on
  { apiGroups: [group], resources: plurals.map((plural) => `${plural}/finalizers`), verbs: ['update'] },
  { apiGroups: ['batch'], resources: ['jobs'], verbs: children },
  { apiGroups: [''], resources: ['configmaps', 'persistentvolumeclaims', 'services'], verbs: children },
  { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: children },
  { apiGroups: [''], resources: ['pods'], verbs: reads },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
  { apiGroups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
];

export function roleFiles(): GeneratedFile[] {
  const heading = '# generated from src/api by npm run generate: the rules of the operator\n';
  return [{ path: 'charts/doctune/files/cluster-role-rules.yaml', content: heading + stringify({ rules }) }];
}
