import { isLicenceFile } from '../../documents/licence/licences.ts';
import type { Selection } from '../select.ts';
import { git, type GitSession } from './command.ts';

export interface TreeEntry {
  /** within the source */
  path: string;
  object: string;
}

export interface Tree {
  /** the selected files, sorted as git sorts them */
  files: TreeEntry[];
  /** selected links, which are never followed */
  links: TreeEntry[];
  /** submodules, selected or not; the object is a commit */
  submodules: TreeEntry[];
  /** LICENSE files, selected or not */
  licences: TreeEntry[];
}

const linkMode = '120000';
const submoduleMode = '160000';

export async function listTree(
  { session, commit, prefix }: { session: GitSession; commit: string; prefix: string },
  isSelected: Selection,
): Promise<Tree> {
  const output = await git(session, ['ls-tree', '-r', '-z', '--full-tree', commit]);
  const tree: Tree = { files: [], links: [], submodules: [], licences: [] };
  for (const line of output.toString('utf8').split('\0')) {
    const [, mode, object, name] = /^(\d+) \w+ ([0-9a-f]+)\t(.+)$/s.exec(line) ?? [];
    if (object === undefined || name === undefined) continue;
    const path = prefix + name;
    const entry = { path, object };
    if (mode === submoduleMode) tree.submodules.push(entry);
    else if (mode === linkMode) {
      if (isSelected(path)) tree.links.push(entry);
    } else {
      if (isSelected(path)) tree.files.push(entry);
      if (isLicenceFile(path)) tree.licences.push(entry);
    }
  }
  return tree;
}
