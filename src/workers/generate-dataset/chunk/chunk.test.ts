import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toSections, type Section } from '../parse/block.ts';
import { parseMarkdown } from '../parse/markdown.ts';
import type { Span } from '../parse/prose.ts';
import { cutChunks } from './chunk.ts';
import { estimateTokens, languageOf } from './tokens.ts';

const limits = { targetTokens: 60, maxTokens: 120 };
const parse = (text: string): Section[] => toSections(parseMarkdown(text, false), text.length);
const cut = (text: string) => cutChunks(text, 'f'.repeat(64), parse(text), limits);

const words = fc.array(fc.constantFrom('server', 'listens', 'on', 'a', 'port.', 'Then', '服务器。', '`code.x`'), {
  minLength: 3,
  maxLength: 80,
});
const block = fc.oneof(
  fc.integer({ min: 1, max: 4 }).map((depth) => `${'#'.repeat(depth)} Heading`),
  words.map((list) => list.join(' ')),
  words.map((list) => `\`\`\`js\n${list.join('\n')}\n\`\`\``),
  words.map((list) => `| a | b |\n| - | - |\n| ${list.join(' | x |\n| ')} | y |`),
  fc.array(words, { minLength: 1, maxLength: 6 }).map((items) => items.map((item) => `- ${item.join(' ')}`).join('\n')),
);

test('the chunks of any document are the document, and none cuts code, a table or a list item', () => {
  fc.assert(
    fc.property(fc.array(block, { maxLength: 15 }), (blocks) => {
      const text = blocks.join('\n\n');
      const chunks = cut(text);
      expect(chunks.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
      const whole = parse(text)
        .flatMap((section) => section.blocks)
        .flatMap((entry): Span[] => (entry.kind === 'list' ? entry.items : entry.kind === 'paragraph' ? [] : [entry]));
      for (const { start } of chunks) {
        for (const part of whole) expect(start > part.start && start < part.end).toBe(false);
      }
    }),
    { numRuns: 200 },
  );
});

test('sections below the least size share a chunk, and long paragraphs are cut between sentences', () => {
  const text = `# A\n\nShort.\n\n# B\n\nShort too.\n\n# C\n\n${'This is a sentence of a long paragraph. '.repeat(40)}\n`;
  const chunks = cut(text);
  expect(text.slice(chunks[0]!.start, chunks[0]!.end)).toContain('Short too.');
  expect(chunks.length).toBeGreaterThan(3);
  for (const chunk of chunks.slice(1)) expect(text.slice(chunk.start)).toMatch(/^This is/);
  expect(Math.max(...chunks.map(({ tokens }) => tokens))).toBeLessThanOrEqual(limits.maxTokens);
});

test('a chunk keeps its id while its document stays', () => {
  const text = '# A\n\nA sentence.\n';
  expect(cut(text)).toEqual(cut(text));
  expect(cutChunks(text, 'e'.repeat(64), parse(text), limits)[0]!.id).not.toBe(cut(text)[0]!.id);
});

test('tokens are estimated by script, and the language by its letters', () => {
  expect(estimateTokens('abcdefgh')).toBe(2);
  expect(estimateTokens('服务器监听')).toBe(4);
  expect(languageOf('服务器用 listen 监听端口')).toBe('zh');
  expect(languageOf('the server 服务器 listens on a port of the machine')).toBe('en');
});
