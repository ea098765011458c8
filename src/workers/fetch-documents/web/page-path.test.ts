import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatOf } from '../classify.ts';
import { isSafePath } from '../path.ts';
import { globPath, pageAddress } from './address.ts';
import { extensionOf } from './content-type.ts';
import { hashedPath, pagePath } from './page-path.ts';

const at = (address: string): URL => pageAddress(address, 'https://docs.example/')!;

describe('the path of a page', () => {
  test.each([
    ['/', '.html', 'docs.example/index.html'],
    ['/guide/', '.html', 'docs.example/guide/index.html'],
    ['/guide/install', '.html', 'docs.example/guide/install.html'],
    ['/guide/install.html#top', '.html', 'docs.example/guide/install.html'],
    ['/v1.2/a.md', '.md', 'docs.example/v1.2/a.md'],
    ['/%e4%b8%ad%E6%96%87/%7euser', '.html', 'docs.example/中文/_user~990003455241.html'],
    ['/a.html/b', '.html', 'docs.example/a.html~/b.html'],
    ['/README/b', '.html', 'docs.example/README~/b.html'],
    ['http://docs.example/a', '.html', 'docs.example_80/a.html'],
    ['https://docs.example:8443/a', '.html', 'docs.example_8443/a.html'],
    ['http://[2606:4700::1]/a', '.html', '2606-4700--1_80/a.html'],
  ])('%s', (address, extension, path) => {
    expect(pagePath(at(address), extension)).toBe(path);
  });

  test('tells addresses apart that are written alike', () => {
    const alike = [
      '/a?b=1',
      '/a?b=2',
      '/a%2Fb',
      '/a+b',
      '/a%2Bb',
      '/a%5Cb',
      '/a%00b',
      '/%252e',
      '/a~b',
      '/a//b',
      '/%ff',
      '/%25ff',
    ];
    expect(new Set(alike.map((address) => pagePath(at(address), '.html'))).size).toBe(alike.length);
  });

  const segment = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.constantFrom(
      '..',
      '.',
      '',
      '%2e%2e',
      '%2f',
      '%5c',
      '%00',
      'a.html',
      'README',
      'x'.repeat(400),
      '中'.repeat(200),
      '‮a',
    ),
  );
  const address = fc
    .tuple(fc.array(segment, { maxLength: 12 }), fc.option(fc.string()))
    .map(([segments, query]) =>
      pageAddress(`https://docs.example/${segments.join('/')}${query === null ? '' : `?${query}`}`),
    )
    .filter((url) => url !== undefined);

  test('is safe, is read as its format, and is no folder of another, whatever the address', () => {
    fc.assert(
      fc.property(address, fc.constantFrom('.html', '.md', '.txt', '.pdf'), (url, extension) => {
        for (const path of [pagePath(url, extension), hashedPath(url, extension)]) {
          expect(isSafePath(path), path).toBe(true);
          expect(path.endsWith(extension)).toBe(true);
          const [, ...names] = path.split('/');
          expect(names.slice(0, -1).filter((name) => formatOf(name) !== undefined)).toEqual([]);
        }
      }),
    );
  });

  test('with its hash is as different as the address', () => {
    fc.assert(
      fc.property(address, address, (one, other) => {
        expect(hashedPath(one, '.html') === hashedPath(other, '.html')).toBe(one.href === other.href);
      }),
    );
  });
});

test('globs meet the path as people read it', () => {
  const paths = ['/', '/docs/', '/docs/a%20b.html?x#y', '/%E4%B8%AD', '/%ff'].map((address) => globPath(at(address)));
  expect(paths).toEqual(['index.html', 'docs', 'docs/a b.html', '中', '%FF']);
});

test.each([
  ['text/html; charset=utf-8', '/a', '.html'],
  ['TEXT/HTML', '/a.php', '.html'],
  ['text/plain', '/a.md', '.md'],
  ['text/plain', '/a', '.txt'],
  ['text/plain', '/main.py', '.py'],
  ['text/markdown', '/a', '.md'],
  ['application/octet-stream', '/a.pdf', '.pdf'],
  ['application/octet-stream', '/a', undefined],
  ['application/json', '/a.json', undefined],
  ['', '/a', '.html'],
  ['image/png', '/a.html', undefined],
  ['nonsense', '/a.zip', undefined],
])('the type %s at %s is %s', (type, address, extension) => {
  expect(extensionOf(type, at(address))).toBe(extension);
});
