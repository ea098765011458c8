import { stringify } from 'yaml';
import { customResourceDefinition } from '../../src/api/crd.ts';
import { group } from '../../src/api/v1alpha1/kind.ts';
import { kinds } from '../../src/api/v1alpha1/kinds.ts';
import type { GeneratedFile } from './file.ts';

// a chart cannot read files outside its folder
const folders = ['crds', 'charts/doctune/files/crds'];

/** One CustomResourceDefinition a kind. YAML 1.1, because kubectl and helm read `y`, `on` and the like as booleans. */
export function crdFiles(): GeneratedFile[] {
  return kinds.flatMap((kind) => {
    const options = { version: '1.1', lineWidth: 120, aliasDuplicateObjects: false } as const;
    const content = `# generated from src/api by npm run generate\n${stringify(customResourceDefinition(kind), options)}`;
    return folders.map((folder) => ({ path: `${folder}/${group}_${kind.plural}.yaml`, content }));
  });
}
