import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Row } from '../../../../contract/rows.ts';
import { hashFile } from '../../../artifacts/files.ts';
import { openFormats } from './index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'formats-'));
});
afterEach(() => rm(folder, { recursive: true }));

const rows = [
  {
    split: 'train',
    messages: [
      { role: 'system', content: 's' },
      { role: 'user', content: 'q1' },
      { role: 'assistant', content: 'a1' },
      { role: 'user', content: 'q2' },
      { role: 'assistant', content: 'a2' },
    ],
  },
  {
    split: 'recall',
    messages: [
      { role: 'user', content: 'q' },
      { role: 'assistant', content: 'a' },
    ],
  },
] as Row[];

const all = ['messages', 'alpaca', 'sharegpt', 'promptCompletion', 'text', 'preferences'] as const;
const writeAll = async (target: string, renderChat?: (messages: Row['messages']) => string) => {
  const writer = openFormats(target, all, { name: 'docs', ...(renderChat === undefined ? {} : { renderChat }) });
  await writer.write(rows[0]!, { worse: 'no' });
  await writer.write(rows[1]!);
  return writer.close();
};
const read = async (path: string): Promise<unknown> =>
  JSON.parse(await readFile(join(folder, 'formats', path), 'utf8'));

test('[T37] each form is written as its readers know it', async () => {
  await writeAll(folder);
  expect(await read('alpaca/train.jsonl')).toEqual({
    ...{ instruction: 'q2', input: '', output: 'a2', system: 's', history: [['q1', 'a1']] },
  });
  expect(await read('alpaca/recall.jsonl')).toEqual({
    ...{ instruction: 'q', input: '', output: 'a', system: '', history: [] },
  });
  expect(await read('sharegpt/train.jsonl')).toEqual({
    conversations: [
      { from: 'human', value: 'q1' },
      { from: 'gpt', value: 'a1' },
      { from: 'human', value: 'q2' },
      { from: 'gpt', value: 'a2' },
    ],
    system: 's',
  });
  expect(await read('promptCompletion/recall.jsonl')).toEqual({
    prompt: [{ role: 'user', content: 'q' }],
    completion: [{ role: 'assistant', content: 'a' }],
  });
  expect(await read('text/train.jsonl')).toEqual({
    text: 'System: s\n\nUser: q1\n\nAssistant: a1\n\nUser: q2\n\nAssistant: a2',
  });
  expect(await read('preferences/train.jsonl')).toEqual({
    prompt: rows[0]!.messages.slice(0, -1),
    chosen: [{ role: 'assistant', content: 'a2' }],
    rejected: [{ role: 'assistant', content: 'no' }],
  });
});

test('[T37] dataset_info.json names the columns of LLaMA-Factory, all of which are in every row', async () => {
  await writeAll(folder);
  const columns = { prompt: 'instruction', query: 'input', response: 'output', system: 'system', history: 'history' };
  expect(await read('alpaca/dataset_info.json')).toEqual({
    docs_recall: { file_name: 'recall.jsonl', formatting: 'alpaca', columns },
    docs_train: { file_name: 'train.jsonl', formatting: 'alpaca', columns },
  });
  expect(await read('sharegpt/dataset_info.json')).toMatchObject({
    docs_train: { formatting: 'sharegpt', columns: { messages: 'conversations', system: 'system' } },
  });
  const ranked = (await read('preferences/llama-factory/dataset_info.json')) as Record<string, { columns: object }>;
  expect(ranked).toMatchObject({ docs_train: { ranking: true, file_name: 'train.jsonl' } });
  const row = (await read('preferences/llama-factory/train.jsonl')) as object;
  expect(Object.keys(row).sort()).toEqual(Object.values(ranked.docs_train!.columns).sort());
});

test('the chat template of a tokenizer gives the text; what it refuses is left out', async () => {
  const files = await writeAll(folder, (messages) => {
    if (messages[0]?.role === 'system') throw new Error('no system prompts');
    return messages.map(({ role }) => `<${role}>`).join('');
  });
  expect(await read('text/recall.jsonl')).toEqual({ text: '<user><assistant>' });
  expect(files.some(({ path }) => path === 'formats/text/train.jsonl')).toBe(false);
});

test('files are listed with rows and digest, messages are not written twice, and the bytes are the same again', async () => {
  const files = await writeAll(folder);
  expect((await readdir(join(folder, 'formats'))).sort()).toEqual(all.slice(1).toSorted());
  for (const { path, sha256 } of files) expect(await hashFile(join(folder, path))).toBe(sha256);
  expect(files.find(({ path }) => path === 'formats/alpaca/train.jsonl')).toMatchObject({ rows: 1 });
  expect(files.some(({ path }) => path === 'formats/preferences/recall.jsonl')).toBe(false);
  const again = await mkdtemp(join(folder, 'again-'));
  expect(await writeAll(again)).toEqual(files);
});
