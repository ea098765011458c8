import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../tests/cluster/machine/command.ts';
import { contentTag, contextFiles, fileParts } from './content-tag.ts';

let folder = '';
const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'context-'));
  await run('git', ['init', '--quiet'], { cwd: folder });
  await mkdir(join(folder, 'tests'));
  await write('.gitignore', '*.pyc\n');
  await write('.dockerignore', 'tests/\nnotes.md\n');
  for (const name of ['main.py', 'main.pyc', 'notes.md', 'tests/main.py']) await write(name, name);
  await run('git', ['add', 'main.py', 'tests'], { cwd: folder });
});
afterAll(() => rm(folder, { recursive: true }));

test('the context has tracked and new files, but none that git or Docker ignores', async () => {
  expect((await contextFiles(folder)).toSorted()).toEqual(['.dockerignore', '.gitignore', 'main.py']);
});

test('a tracked file that was deleted is not in the context', async () => {
  await write('gone.py', '');
  await run('git', ['add', 'gone.py'], { cwd: folder });
  await rm(join(folder, 'gone.py'));
  expect(await contextFiles(folder)).not.toContain('gone.py');
});

test('the tag follows names and contents, and not the order in which files are listed', async () => {
  const tag = async (...files: string[]): Promise<string> => contentTag(await fileParts(folder, files));
  const before = await tag('main.py', '.gitignore');
  expect(await tag('.gitignore', 'main.py')).toBe(before);
  await write('main.py', 'changed');
  expect(await tag('main.py', '.gitignore')).not.toBe(before);
});

test('parts do not run into each other', () => {
  expect(contentTag(['ab', 'c'])).not.toBe(contentTag(['a', 'bc']));
});
