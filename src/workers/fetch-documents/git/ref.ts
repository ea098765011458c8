import { distance } from 'fastest-levenshtein';
import type { FetchInput } from '../../../contract/inputs.ts';
import { WorkerFailure } from '../../shell/failure.ts';

type GitSource = Extract<FetchInput['source'], { git: unknown }>['git'];
export type RefSpec = GitSource['ref'];

export interface Resolved {
  commit: string;
  /** what is before `@` in the revision: the branch or tag; none for a bare commit */
  name: string | undefined;
}

export interface RemoteRefs {
  /** full name -> object, tags peeled to their commit */
  objects: Map<string, string>;
  /** branch that HEAD points to, if it does */
  head: string | undefined;
}

/** Read the output of `git ls-remote --symref`. */
export function parseRemoteRefs(output: string): RemoteRefs {
  const objects = new Map<string, string>();
  let head: string | undefined;
  for (const line of output.split('\n')) {
    const [left, name] = line.split('\t');
    if (left === undefined || name === undefined) continue;
    if (left.startsWith('ref: ')) {
      if (name === 'HEAD') head = left.replace(/^ref: refs\/heads\//, '');
    } else if (name.endsWith('^{}')) objects.set(name.slice(0, -'^{}'.length), left);
    else if (!objects.has(name)) objects.set(name, left);
  }
  return { objects, head };
}

/** The commit that spec.git.ref names; undefined for a commit that no ref shows and that must be asked for. */
export function resolveRef(ref: RefSpec, refs: RemoteRefs): Resolved | undefined {
  const { branch, tag, commit } = ref;
  if (commit !== undefined) return undefined;
  if (tag !== undefined) return found(refs, `refs/tags/${tag}`, tag) ?? notFound('tag', tag, refs);
  if (branch !== undefined) return found(refs, `refs/heads/${branch}`, branch) ?? notFound('branch', branch, refs);
  const head = found(refs, 'HEAD', refs.head ?? 'HEAD');
  if (head !== undefined) return head;
  const isEmpty = refs.objects.size === 0;
  const message = isEmpty
    ? 'the repository at spec.git.url is empty: push a commit, or correct spec.git.url'
    : `the repository has no default branch: set spec.git.ref.branch${nearNames('', names(refs, 'heads'))}`;
  throw new WorkerFailure('source', 'RefNotFound', message);
}

function found({ objects }: RemoteRefs, fullName: string, name: string): Resolved | undefined {
  const commit = objects.get(fullName);
  return commit === undefined ? undefined : { commit, name };
}

function notFound(kind: 'branch' | 'tag', name: string, refs: RemoteRefs): never {
  const near = nearNames(name, names(refs, kind === 'branch' ? 'heads' : 'tags'));
  const message = `spec.git.ref.${kind} "${name}" does not exist in the repository${near}`;
  throw new WorkerFailure('source', 'RefNotFound', message);
}

const names = ({ objects }: RemoteRefs, folder: string): string[] =>
  [...objects.keys()]
    .filter((name) => name.startsWith(`refs/${folder}/`))
    .map((name) => name.split('/').slice(2).join('/'));

function nearNames(wanted: string, all: readonly string[]): string {
  const near = [...all].sort((a, b) => distance(wanted, a) - distance(wanted, b) || (a < b ? -1 : 1)).slice(0, 3);
  return near.length === 0 ? ': it has none' : `: there is ${near.map((name) => `"${name}"`).join(', ')}`;
}
