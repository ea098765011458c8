import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMarkdown } from './markdown.ts';
import { segmentsOf } from './markdown-segments.ts';

const block = fc.constantFrom(
  '# Title',
  '## Two `x`',
  'A [link][ref] and *text*\nof two lines.',
  '- a\n- b\n\n  more\n\n  # within the item',
  '```sh\n\n# no title\n\n```',
  '~~~~\n~~~\n\n# no title\n~~~~',
  '<!-- note\n\n# no title\n\n-->',
  '<pre>\n\n# no title\n\n</pre>',
  '| a | b |\n| - | - |\n| 1 | 2 |',
  '[ref]: http://x',
  '---\ntitle: x\n---',
  '> quoted\n> # inside',
  '    # indented code',
);

test('a document read in parts is the document read as a whole', () => {
  fc.assert(
    fc.property(
      fc.array(block, { maxLength: 14 }),
      fc.constantFrom('', '```\nnever closed', '<!-- open'),
      (blocks, last) => {
        const text = [...blocks, last].join('\n\n');
        expect(parseMarkdown(text, false, 1)).toEqual(parseMarkdown(text, false, Infinity));
      },
    ),
    { numRuns: 200 },
  );
});

test('parts begin with headings and are the document together', () => {
  const text = '# A\n\ntext\n\n# B\n\n```\n\n# no\n```\n\n# C\n';
  expect(segmentsOf(text, 1).map(({ start, end }) => text.slice(start, end))).toEqual([
    '# A\n\ntext\n\n',
    '# B\n\n```\n\n# no\n```\n\n',
    '# C\n',
  ]);
  expect(segmentsOf(text, 100)).toEqual([{ start: 0, end: text.length }]);
});
