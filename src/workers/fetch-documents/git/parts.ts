import { join } from 'node:path';
import { exitCode, terminalExitCodes } from '../../../contract/exit-codes.ts';
import { WorkerFailure } from '../../shell/failure.ts';
import { ForbiddenAddress, type Guard } from '../network/guard.ts';
import type { Selection } from '../select.ts';
import type { Candidate } from '../source.ts';
import type { GitSession } from './command.ts';
import { fetchBareCommit } from './commit.ts';
import { accessOf, asSourceFailure } from './errors.ts';
import { settle } from './moved.ts';
import { pinnedAddresses } from './pinned.ts';
import { openSession } from './session.ts';
import { readSubmoduleUrls } from './submodules.ts';
import { listTree, type Tree, type TreeEntry } from './tree.ts';
import { isSameHost } from './url.ts';

/** One commit of one repository: the source itself, or a submodule at the commit that its parent names. */
export interface Part {
  session: GitSession;
  url: URL;
  commit: string;
  /** where it lies in the source: empty, or a path that ends in a slash */
  prefix: string;
}
type Refusal = Extract<Candidate, { skip: unknown }>;

export interface Gathered {
  parts: (Part & { tree: Tree })[];
  skipped: Candidate[];
}

export interface GatherOptions {
  isSelected: Selection;
  /** whether selected files may lie below a folder */
  reaches: Selection;
  withSubmodules: boolean;
  credentials: string | undefined;
  /** of hosts that the repository names, not the spec */
  guard: Guard;
  scratch: string;
  signal: AbortSignal;
}

const maxDepth = 4;
const maxSubmodules = 64;

/** List the trees of a repository and its submodules; those that are not read are skipped with the reason. */
export async function gather(root: Part, options: GatherOptions): Promise<Gathered> {
  const gathered: Gathered = { parts: [], skipped: [] };
  const visit = async (part: Part, depth: number): Promise<void> => {
    const tree = await listTree(part, options.isSelected);
    gathered.parts.push({ ...part, tree });
    const wanted = tree.submodules.filter(({ path }) => options.reaches(path));
    const urls = wanted.length > 0 && options.withSubmodules ? await readSubmoduleUrls(part) : new Map<string, URL>();
    for (const entry of wanted) {
      const opened = await open(entry, urls.get(entry.path), depth);
      if ('skip' in opened) gathered.skipped.push(opened);
      else await visit(opened, depth + 1);
    }
  };
  const open = async (entry: TreeEntry, url: URL | undefined, depth: number): Promise<Part | Refusal> => {
    const refuse = (detail: string): Refusal => ({ path: entry.path, skip: 'Submodule', detail });
    if (!options.withSubmodules) return refuse('it is read with spec.git.submodules: true');
    if (url === undefined) return refuse('.gitmodules gives it no address over https, http or ssh');
    if (depth >= maxDepth) return refuse(`submodules are read ${maxDepth} deep`);
    if (gathered.parts.length > maxSubmodules) return refuse(`${maxSubmodules} submodules are read`);
    const isOurs = isSameHost(url, root.url);
    const credentials = isOurs ? options.credentials : undefined;
    const scratch = join(options.scratch, `submodule-${gathered.parts.length}-${gathered.skipped.length}`);
    try {
      const pinned = isOurs ? {} : { pinned: await pinnedAddresses(url, options.guard) };
      const at = isOurs ? await settle(url, options.signal) : url;
      const session = await openSession(at, { credentials, scratch, signal: options.signal, ...pinned });
      const commit = await fetchBareCommit(session, entry.object);
      return { session, url, commit, prefix: `${entry.path}/` };
    } catch (error) {
      if (error instanceof ForbiddenAddress) return refuse(`ForbiddenAddress: ${error.message}`);
      const failure = asSourceFailure(error, accessOf(url, credentials));
      if (!(failure instanceof WorkerFailure)) throw failure;
      const address = `${url.protocol}//${url.host}${url.pathname}`;
      if (terminalExitCodes.includes(exitCode(failure.exit))) return refuse(`${address}: ${failure.reason}`);
      // a server that is down for a moment must not make the documents fewer
      const message = `cannot reach the submodule "${entry.path}" at ${address}: wait, or name it in spec.git.exclude`;
      throw new WorkerFailure(failure.exit, failure.reason, message, { cause: error });
    }
  };
  await visit(root, 0);
  return gathered;
}
