import { describe, expect, test } from 'vitest';
import { formatOf } from './classify.ts';
import { isSafePath } from './path.ts';
import { createSelection } from './select.ts';

describe('selection', () => {
  test.each([
    [['docs/**'], [], 'docs/a/b.md', true],
    [['docs/**'], [], 'src/a.md', false],
    [['docs'], [], 'docs/a/b.md', true],
    [['./docs/'], [], 'docs/b.md', true],
    [['*.md'], [], 'a.md', true],
    [['*.md'], [], 'docs/a.md', false],
    [['**/*.{md,rst}'], [], 'docs/a.rst', true],
    [[], [], 'any/thing.md', true],
    [[], [], '.hidden/thing.md', false],
    [['.github/**'], [], '.github/a.md', true],
    [['**'], ['**/test/**'], 'a/test/b.md', false],
    [['**'], ['docs'], 'docs/.hidden.md', false],
    [['!docs/**'], [], 'src/a.md', false],
  ])('include %o exclude %o: %s is %o', (include, exclude, path, expected) => {
    expect(createSelection(include, exclude)(path)).toBe(expected);
  });

  test.each([['../secret/**'], ['/'], ['a/../../b']])('the pattern %s is refused', (pattern) => {
    expect(() => createSelection([pattern], [])).toThrow('must name paths within the source');
  });
});

test.each([
  '../a.md',
  'a/../b.md',
  '/a.md',
  'a//b.md',
  './a.md',
  'a\nb.md',
  'a\\b.md',
  '',
  `${'x'.repeat(256)}.md`,
  'a\ufffd.md',
])('the path %j is not safe', (path) => {
  expect(isSafePath(path)).toBe(false);
});

test('usual paths are safe', () => {
  for (const path of ['a.md', 'docs/ü b.md', '.github/x.md', '文档/指南.md']) expect(isSafePath(path)).toBe(true);
});

test('formats go by the ending, in any case', () => {
  expect(['A.MD', 'b.mdx', 'c.rst', 'd.htm', 'e.adoc', 'README', 'g.go', 'h.png', 'i.PDF'].map(formatOf)).toEqual([
    ...['markdown', 'markdown', 'rst', 'html', 'asciidoc', 'text', 'code', undefined, 'pdf'],
  ]);
});
