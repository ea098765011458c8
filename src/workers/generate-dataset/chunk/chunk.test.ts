import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { DocumentFormat } from '../../../contract/documents.ts';
import { parseDocument } from '../parse/index.ts';
import type { Section } from '../parse/block.ts';
import type { Span } from '../parse/prose.ts';
import { cutChunks } from './chunk.ts';
import { corpusOf } from './testdata/documents.ts';

// properties take a second each, and many on a machine that is busy
vi.setConfig({ testTimeout: 60_000 });

const limits = { targetTokens: 60, maxTokens: 120, minTokens: 20 };
const parse = async (text: string, format: DocumentFormat = 'markdown'): Promise<Section[]> =>
  parseDocument({ path: 'a', format }, text);
const cut = async (text: string, format: DocumentFormat = 'markdown') =>
  cutChunks(text, 'f'.repeat(64), await parse(text, format), limits);

/** Stretches that no cut may lie in. */
const wholeParts = (sections: readonly Section[]): Span[] =>
  sections
    .flatMap((section) => section.blocks)
    .flatMap((block): Span[] => {
      if (block.kind === 'list') return block.items;
      return block.kind === 'code' || block.kind === 'table' ? [block] : [];
    });

describe.each(['markdown', 'rst', 'html', 'asciidoc'] as const)('[T7] %s', (format) => {
  test('[T7] joining chunks by offsets gives the document, and no cut lies in code, a table or a list item', async () => {
    await fc.assert(
      fc.asyncProperty(corpusOf(format), async (text) => {
        const sections = await parse(text, format);
        const chunks = cutChunks(text, 'f'.repeat(64), sections, limits);
        expect(chunks.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
        const parts = wholeParts(sections);
        for (const { start } of chunks)
          expect(parts.find((part) => start > part.start && start < part.end)).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });
});

test('[T7] every fence balances within its chunk', async () => {
  await fc.assert(
    fc.asyncProperty(corpusOf('markdown'), async (text) => {
      for (const { start, end } of await cut(text)) expect(openFence(text.slice(start, end))).toBeUndefined();
    }),
    { numRuns: 100 },
  );
});

/** The fence that a text leaves open, found line by line and not by the parser under test. */
function openFence(text: string): string | undefined {
  let open: string | undefined;
  for (const line of text.split('\n')) {
    const [fence] = /^(?:`{3,}|~{3,})/.exec(line) ?? [];
    if (fence === undefined) continue;
    if (open === undefined) open = fence;
    else if (fence.startsWith(open)) open = undefined;
  }
  return open;
}

test('[T7] any text at all is kept whole', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 300 }), async (text) => {
      expect((await cut(text)).map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
    }),
    { numRuns: 50 },
  );
});

test('[T8] no chunk exceeds the limit unless one thing that is never cut does', async () => {
  await fc.assert(
    fc.asyncProperty(corpusOf('markdown'), async (text) => {
      for (const chunk of await cut(text)) if (chunk.flag === undefined) expect(chunk.tokens).toBeLessThanOrEqual(120);
    }),
    { numRuns: 100 },
  );
});

test('[T8] small sections share a chunk, and long paragraphs are cut between sentences', async () => {
  const text = `# A\n\nShort.\n\n# B\n\nShort too.\n\n# C\n\n${'This is a sentence of a long paragraph. '.repeat(40)}\n`;
  const chunks = await cut(text);
  expect(text.slice(chunks[0]!.start, chunks[0]!.end)).toContain('Short too.');
  expect(chunks.length).toBeGreaterThan(3);
  for (const chunk of chunks.slice(1)) expect(text.slice(chunk.start)).toMatch(/^This is/);
});

test('[T8] Chinese paragraphs are cut after their own punctuation', async () => {
  const text = `# 标题\n\n${'服务器监听一个端口；客户端连接它！这样对吗？数据随后到达。'.repeat(30)}\n`;
  const chunks = await cut(text);
  expect(chunks.length).toBeGreaterThan(5);
  expect(chunks.every(({ tokens, language }) => tokens <= 120 && language === 'zh')).toBe(true);
  for (const { start } of chunks.slice(1)) expect(text[start - 1]).toMatch(/[。！？；]/);
});

test('[T8] one sentence without an end is cut where nothing breaks', async () => {
  const words = await cut('word '.repeat(2000));
  expect(Math.max(...words.map(({ tokens }) => tokens))).toBeLessThanOrEqual(120);
  const emoji = '😀'.repeat(1000);
  for (const { start, end } of await cut(emoji)) expect(emoji.slice(start, end).isWellFormed()).toBe(true);
});

test('the sentence before an example, and the heading above it, stay with the example', async () => {
  const code = `\`\`\`js\n${'const a = 1;\n'.repeat(20)}\`\`\``;
  const text = `# A\n\n${'Words of a paragraph that fill some room. '.repeat(4)}\n\nLike this:\n\n${code}\n\n## B\n\n${code}\n`;
  const starts = (await cut(text)).map(({ start }) => text.slice(start, start + 10));
  expect(starts).toEqual(['# A\n\nWords', 'Like this:', '## B\n\n```j']);
});

test('a code block that is too large is cut between its declarations, and says so', () => {
  const part = `function a() {\n  return ${'1 + '.repeat(60)}1;\n}\n`;
  const code = part.repeat(4);
  const parts = [0, 1, 2, 3].map((index) => ({ start: index * part.length, end: (index + 1) * part.length }));
  const block = { kind: 'code' as const, language: 'js', code, start: 0, end: code.length };
  const section = { path: ['`a`'], start: 0, end: code.length };
  const chunks = cutChunks(code, '', [{ ...section, blocks: [{ ...block, parts }] }], limits);
  expect(chunks.map(({ start, flag, kind }) => [start / part.length, flag, kind])).toEqual(
    [0, 1, 2, 3].map((at) => [at, 'CUT_CODE', 'code']),
  );
  expect(cutChunks(code, '', [{ ...section, blocks: [block] }], limits)).toMatchObject([{ flag: 'OVERSIZE' }]);
});

test('[T9] a chunk keeps its id while its document stays, and tells its kind and its headings', async () => {
  const table = `| option | meaning |\n| - | - |\n${'| `port` | where it listens |\n'.repeat(8)}`;
  const text = `# Guide\n\nA sentence of this guide about servers and what they do all day long, every day.\n\n## \`listen()\`\n\nListens on the port that it was given, or on one that is free at the time.\n\n## Options\n\n${table}`;
  const chunks = await cut(text);
  expect(chunks).toEqual(await cut(text));
  expect(chunks.map(({ kind, heading }) => [kind, heading.at(-1)])).toEqual([
    ['prose', 'Guide'],
    ['api', '`listen()`'],
    ['table', 'Options'],
  ]);
  const other = cutChunks(text, 'e'.repeat(64), await parse(text), limits);
  expect(other[0]!.id).not.toBe(chunks[0]!.id);
});
