import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseDocument } from '../parse/index.ts';
import { cutChunks } from './chunk.ts';
import { writeTokenizer } from './testdata/tokenizer.ts';
import { openTokenizer } from './tokenizer.ts';
import { countMessages, estimateTokens, languageOf } from './tokens.ts';

let folder = '';
beforeAll(async () => {
  folder = await writeTokenizer();
});
afterAll(() => rm(folder, { recursive: true }));

test('[T8] a tokenizer.json counts as its merges say', async () => {
  const tokenizer = await openTokenizer({ path: folder });
  expect(tokenizer.count('hello hello')).toBe(2);
  expect(tokenizer.count('help')).toBe(3);
  expect(tokenizer.count('')).toBe(0);
});

test('[T40] the chat template is part of a conversation, and is estimated where it refuses', async () => {
  const tokenizer = await openTokenizer({ path: folder });
  // <|turn|> u s e r \n hello <|end|>
  expect(tokenizer.chatTokens([{ role: 'user', content: 'hello' }])).toBe(8);
  const refused = [{ role: 'tool', content: 'hello' }];
  expect(tokenizer.chatTokens(refused)).toBe(countMessages(refused, tokenizer.count));
});

test('[T8] chunks keep to the limit as a real tokenizer counts', async () => {
  const tokenizer = await openTokenizer({ path: folder });
  const text = Array.from({ length: 60 }, (_, index) => `hello ${'hello '.repeat(index % 30)}end.\n\n`).join('');
  const limits = { targetTokens: 50, maxTokens: 80, minTokens: 10 };
  const sections = await parseDocument({ path: 'a', format: 'text' }, text);
  const chunks = cutChunks(text, '', sections, limits, tokenizer);
  expect(chunks.length).toBeGreaterThan(10);
  for (const { start, end, tokens } of chunks) {
    expect(tokens).toBe(tokenizer.count(text.slice(start, end)));
    expect(tokens).toBeLessThanOrEqual(80);
  }
});

test('a folder without a tokenizer, or with a broken one, is told with the remedy', async () => {
  const missing = openTokenizer({ path: join(folder, 'none') });
  await expect(missing).rejects.toMatchObject({ reason: 'TokenizerUnusable', exit: 'data' });
  await writeFile(join(folder, 'tokenizer.json'), '{"model":');
  await expect(openTokenizer({ path: folder })).rejects.toThrow(/chunking\.tokenizer: .*leave the tokenizer out/);
});

test('[T8] tokens are estimated by script, and the language by its letters', async () => {
  const { name, count } = await openTokenizer(null);
  expect([name, count('abcdefgh'), estimateTokens('服务器监听')]).toEqual(['estimate', 2, 4]);
  expect(languageOf('服务器用 listen 监听端口')).toBe('zh');
  expect(languageOf('the server 服务器 listens on a port of the machine')).toBe('en');
});
