import { git, GitError, type GitSession } from './command.ts';
import { resolveSubmoduleUrl } from './url.ts';

interface Parent {
  session: GitSession;
  url: URL;
  commit: string;
  prefix: string;
}

/** Addresses of submodules by path in the source, as .gitmodules tells them; those that may not be used are left out. */
export async function readSubmoduleUrls({ session, url: parent, commit, prefix }: Parent): Promise<Map<string, URL>> {
  const output = await git(session, ['config', `--blob=${commit}:.gitmodules`, '--null', '--list']).catch(
    (error: unknown) => {
      // without a file that can be read, nobody can fetch the submodules
      if (error instanceof GitError && /unable to resolve config blob|bad config/.test(error.stderr))
        return Buffer.of();
      throw error;
    },
  );
  const sections = new Map<string, { path?: string; url?: string }>();
  for (const line of output.toString('utf8').split('\0')) {
    const [, name, key, value] = /^submodule\.(.+)\.(path|url)\n([\s\S]*)$/.exec(line) ?? [];
    if (name !== undefined && key !== undefined) sections.set(name, { ...sections.get(name), [key]: value });
  }
  return new Map(
    [...sections.values()].flatMap(({ path, url: text = '' }) => {
      const url = resolveSubmoduleUrl(text, parent);
      return path === undefined || url === undefined ? [] : [[prefix + path, url] as const];
    }),
  );
}
