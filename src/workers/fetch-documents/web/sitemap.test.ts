import { describe, expect, test, vi } from 'vitest';
import { gzipSync } from 'node:zlib';
import { readAll, type Read } from '../../../../tests/web-site/read-all.ts';
import { serve } from '../../../../tests/web-site/serve.ts';

// a busy machine answers late
vi.setConfig({ testTimeout: 30_000 });

const list = (...urls: string[]): string =>
  `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${urls
    .map((url) => `<url><loc>\n ${url}\n</loc><image:loc>/no.html</image:loc></url>`)
    .join('')}</urlset>`;
const index = (...urls: string[]): string =>
  `<sitemapindex>${urls.map((url) => `<sitemap><loc>${url}</loc></sitemap>`).join('')}</sitemapindex>`;
const told = ({ skipped }: Read): (string | undefined)[] =>
  skipped.flatMap(({ detail }) => (/lists .* are not read/.exec(detail) ?? []).slice(0, 1));
const contents = ({ documents }: Read): string[] => documents.map(({ content }) => content);

describe('a sitemap', () => {
  test('names pages of its host, the wanted ones', async () => {
    const site = await serve({ '/a?x=1&y=2': 'a', '/docs/b': 'b', '/c': 'c' });
    site.pages['/map.xml'] = list(`${site.url}/a?x=1&amp;y=2`, '/docs/b', '/c', 'http://elsewhere.example/d', '/e.png');
    const read = await readAll({ sitemap: `${site.url}/map.xml`, exclude: ['c'] });
    expect(contents(read)).toEqual(['a', 'b']);
    expect(read.skipped).toMatchObject([
      { reason: 'OtherHost', detail: expect.stringContaining('"elsewhere.example"') as string },
    ]);
  });

  test('that moved to another host is read there', async () => {
    const moved = await serve({ '/map.xml': list('/a'), '/a': 'a' });
    const location = `${moved.url.replace('127.0.0.1', 'localhost')}/map.xml`;
    const site = await serve({ '/map.xml': { status: 301, headers: { location } } });
    const allowedNetworks = ['127.0.0.0/8', '::1/128'];
    moved.pages['/map.xml'] = list(location.replace('map.xml', 'a'));
    const read = await readAll({ sitemap: `${site.url}/map.xml` }, { allowedNetworks });
    expect(read).toMatchObject({ documents: [{ content: 'a' }], skipped: [] });
  });

  test('may be packed, an index, or a list of lines; one that fails among others is told', async () => {
    const site = await serve({
      '/index.xml': index('/packed.xml.gz', '/lines.txt', '/missing.xml', '/bad.xml', '/index.xml', '/bomb.xml'),
      '/packed.xml.gz': { body: gzipSync(list('/a')), type: 'application/gzip' },
      '/bad.xml': '<html>not found</html>',
      '/bomb.xml': { body: gzipSync(Buffer.concat([Buffer.from('<urlset>'), Buffer.alloc(51 * 2 ** 20)])) },
      '/a': 'a',
      '/b': 'b',
    });
    site.pages['/lines.txt'] = { body: `${site.url}/a\n${site.url}/b\n`, type: 'text/plain' };
    const read = await readAll({ sitemap: `${site.url}/index.xml` });
    expect(contents(read)).toEqual(['a', 'b']);
    expect(read.skipped.map(({ path, reason }) => [path.split('/').at(-1), reason])).toEqual([
      ['missing.xml', 'NotFound'],
      ['bad.xml', 'BadDocument'],
      ['bomb.xml', 'Bomb'],
    ]);
  });

  test.each([
    ['is missing', { status: 404 }, 'source', 'NotFound'],
    ['is no sitemap', '<rss></rss>', 'source', 'BadDocument'],
    ['is empty', '', 'source', 'BadDocument'],
    ['does not answer', { status: 500 }, 'unavailable', 'SiteUnavailable'],
  ])('that %s fails the source', async (_, page, exit, reason) => {
    const site = await serve({ '/map.xml': page, '/': 'start' });
    const reading = readAll({ urls: [`${site.url}/`], sitemap: `${site.url}/map.xml` });
    await expect(reading).rejects.toMatchObject({ exit, reason });
    await expect(reading).rejects.toThrow('spec.web.sitemap');
  });

  test('gives no more addresses than maxPages needs', async () => {
    const urls = Array.from({ length: 30_000 }, (_, number) => `/${number}`);
    const site = await serve({ '/map.xml': list(...urls), '/0': 'zero', '/1': 'one' });
    const read = await readAll({ sitemap: `${site.url}/map.xml`, maxPages: 2 });
    expect(contents(read)).toEqual(['zero', 'one']);
    // 10,000 lines, one for the rest of what is remembered, and one for what is not
    expect(read.skipped).toHaveLength(10_002);
    expect(told(read)).toEqual(['lists 19980 more pages and 0 more sitemaps, which are not read']);
    expect(read.skipped.every(({ reason }) => reason === 'PageLimit')).toBe(true);
  });

  test('[T2] of more than 1,000 parts, or deeper than three, tells how many are not read', async () => {
    const parts = Array.from({ length: 1010 }, (_, number) => `/part-${number}.xml`);
    const site = await serve({
      '/index.xml': index(...parts),
      '/deep-0.xml': index('/deep-1.xml'),
      '/deep-1.xml': index('/deep-2.xml'),
      '/deep-2.xml': index('/deep-3.xml'),
      '/deep-3.xml': index('/deep-4.xml', '/deep-5.xml', '/deep-0.xml'),
      '/a': 'a',
    });
    for (const part of parts) site.pages[part] = list('/a');
    // the index itself is one of the 1,000
    const wide = await readAll({ sitemap: `${site.url}/index.xml`, urls: [`${site.url}/a`] });
    expect(told(wide)).toEqual(['lists 0 more pages and 11 more sitemaps, which are not read']);
    const deep = await readAll({ sitemap: `${site.url}/deep-0.xml`, urls: [`${site.url}/a`] });
    expect(deep.skipped).toMatchObject([{ reason: 'PageLimit' }]);
    expect(told(deep)).toEqual(['lists 0 more pages and 2 more sitemaps, which are not read']);
  });
});
