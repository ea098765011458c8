import { stringify } from 'yaml';
import { customResourceDefinition } from '../../src/api/crd.ts';
import { group } from '../../src/api/v1alpha1/kind.ts';
import { kinds } from '../../src/api/v1alpha1/kinds.ts';
import type { GeneratedFile } from './file.ts';

/** One CustomResourceDefinition a kind. YAML 1.1, because kubectl and helm read `y`, `on` and the like as booleans. */
export function crdFiles(): GeneratedFile[] {
  return kinds.map((kind) => ({
    path: `crds/${group}_${kind.plural}.yaml`,
    content: `# generated from src/api by npm run generate\n${stringify(customResourceDefinition(kind), { version: '1.1', lineWidth: 120, aliasDuplicateObjects: false })}`,
  }));
}
