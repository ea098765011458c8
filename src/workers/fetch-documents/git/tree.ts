import type { Selection } from '../select.ts';
import type { Candidate } from '../source.ts';
import { git, type GitSession } from './command.ts';

export interface TreeEntry {
  path: string;
  object: string;
}

const linkMode = '120000';
const submoduleMode = '160000';

/** The selected files of a commit, sorted as git sorts them; links are skipped, submodules are not looked into. */
export async function listTree(
  session: GitSession,
  commit: string,
  isSelected: Selection,
): Promise<{ entries: TreeEntry[]; skipped: Candidate[] }> {
  const output = await git(session, ['ls-tree', '-r', '-z', '--full-tree', commit]);
  const entries: TreeEntry[] = [];
  const skipped: Candidate[] = [];
  for (const line of output.toString('utf8').split('\0')) {
    const [, mode, object, path] = /^(\d+) \w+ ([0-9a-f]+)\t(.+)$/s.exec(line) ?? [];
    if (object === undefined || path === undefined || mode === submoduleMode || !isSelected(path)) continue;
    if (mode === linkMode) skipped.push({ path, skip: 'Symlink' });
    else entries.push({ path, object });
  }
  return { entries, skipped };
}
