import { describe, expect, test } from 'vitest';
import { permalink } from './permalink.ts';

const commit = 'a'.repeat(40);
const text = '# Title\n\nThe server listens on port 3000.\nIt is fast.\n\nEnd.\n';
const span = { start: text.indexOf('The'), end: text.indexOf('\n\nEnd') + 1 };
const link = (url: string, path = 'docs/a b.md', format: 'markdown' | 'code' | 'pdf' = 'markdown'): string =>
  permalink({ url, revision: `main@sha1:${commit}` }, { path, format }, text, span);

describe('[T9] a link leads to the lines at the commit that was read', () => {
  test.each([
    ['https://github.com/o/r', `https://github.com/o/r/blob/${commit}/docs/a%20b.md?plain=1#L3-L4`],
    ['https://user:token@github.com/o/r.git', `https://github.com/o/r/blob/${commit}/docs/a%20b.md?plain=1#L3-L4`],
    ['git@github.com:o/r.git', `https://github.com/o/r/blob/${commit}/docs/a%20b.md?plain=1#L3-L4`],
    [
      'ssh://git@gitlab.example.org:2222/g/s/r.git',
      `https://gitlab.example.org/g/s/r/-/blob/${commit}/docs/a%20b.md?plain=1#L3-4`,
    ],
    ['https://codeberg.org/o/r', `https://codeberg.org/o/r/src/commit/${commit}/docs/a%20b.md?display=source#L3-L4`],
    [
      'https://gitea.example.org:3000/o/r',
      `https://gitea.example.org:3000/o/r/src/commit/${commit}/docs/a%20b.md?display=source#L3-L4`,
    ],
    ['https://bitbucket.org/o/r.git', `https://bitbucket.org/o/r/src/${commit}/docs/a%20b.md#lines-3:4`],
  ])('%s', (url, expected) => {
    expect(link(url)).toBe(expected);
  });

  test('code is shown as it is, and a converted file has no lines', () => {
    expect(link('https://github.com/o/r', 'a.js', 'code')).toBe(`https://github.com/o/r/blob/${commit}/a.js#L3-L4`);
    expect(link('https://github.com/o/r', 'a.pdf', 'pdf')).toBe(`https://github.com/o/r/blob/${commit}/a.pdf`);
  });

  test.each([['https://git.example.org/o/r'], ['file:///repository'], [''], ['https://github.com/'], ['not a url']])(
    'where nothing can be opened there is no link: "%s"',
    (url) => {
      expect(link(url)).toBe('');
    },
  );

  test('without a commit there is no link', () => {
    const document = { path: 'a.md', format: 'markdown' as const };
    expect(permalink({ url: 'https://github.com/o/r', revision: 'sha256:1' }, document, text, span)).toBe('');
  });
});

test('[T9] a link to a web page names the passage', () => {
  const html = '<p class="x">A well-known server <b>listens</b> here.</p>';
  const page = { path: 'a', format: 'html' as const, url: 'https://example.org/a#old' };
  const whole = { start: 0, end: html.length };
  const source = { url: '', revision: '' };
  expect(permalink(source, page, html, whole)).toBe('https://example.org/a#:~:text=A%20well%2Dknown%20server');
  expect(permalink(source, page, '<hr>', { start: 0, end: 4 })).toBe('https://example.org/a');
});
