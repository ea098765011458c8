import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The same author and time in every commit, so that a test knows its commits by content alone. */
const identity = {
  GIT_AUTHOR_NAME: 'doc writer',
  GIT_AUTHOR_EMAIL: 'writer@example.com',
  GIT_COMMITTER_NAME: 'doc writer',
  GIT_COMMITTER_EMAIL: 'writer@example.com',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

export const runGit = (folder: string, ...args: string[]): string =>
  execFileSync('git', args, { cwd: folder, env: { PATH: process.env['PATH'], ...identity }, stdio: 'pipe' })
    .toString()
    .trim();

export type Files = Record<string, string | Buffer | { link: string }>;

/** A repository with a work tree and one commit of the given files on `main`. */
export function makeRepository(folder: string, files: Files): string {
  mkdirSync(folder, { recursive: true });
  runGit(folder, 'init', '--quiet', '--initial-branch=main', '.');
  return commitFiles(folder, files);
}

/** Write files, commit all and return the commit. */
export function commitFiles(folder: string, files: Files, message = 'write documents'): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    if (typeof content === 'object' && 'link' in content) symlinkSync(content.link, join(folder, path));
    else writeFileSync(join(folder, path), content);
  }
  runGit(folder, 'add', '--all', '.');
  runGit(folder, 'commit', '--quiet', '--allow-empty', '-m', message);
  return runGit(folder, 'rev-parse', 'HEAD');
}
