import { createServer } from 'node:http';
import { mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { listen, type WebSite } from '../../../../tests/web-site/index.ts';
import { readAll, type Read } from '../../../../tests/web-site/read-all.ts';
import { serve } from '../../../../tests/web-site/serve.ts';
import type { Progress } from '../../progress/reporter.ts';

// a busy machine answers late
vi.setConfig({ testTimeout: 30_000 });

const page = (title: string, links: string[] = [], head = ''): string =>
  `<!doctype html><html><head><title>${title}</title>${head}</head><body><main><h1>${title}</h1><p>About ${title}.</p>` +
  `${links.map((link) => `<a href="${link}">${link}</a>`).join(' ')}</main></body></html>`;

const paths = ({ documents }: Read): string[] => documents.map(({ path }) => path.replace(/^[^/]+\//, ''));
const reasons = ({ skipped }: Read): Record<string, string> =>
  Object.fromEntries(skipped.map(({ path, reason }) => [path.replace(/^[^/]+\//, ''), reason]));

describe('a site', () => {
  test('is read by its links, each page once, within depth, host and globs', async () => {
    const site = await serve({
      '/': page('Start', ['guide/', '/api.html#top', 'http://elsewhere.example/', 'mailto:a@b.example', '/private/x']),
      '/guide/': page('Guide', ['install', 'install#again', '../']),
      '/guide/install': page('Install', ['/deep']),
      '/deep': page('Deep', ['/deeper']),
      '/deeper': page('Deeper'),
      '/api.html': page('API', ['/logo.png', '/notes.md?version=2']),
      '/notes.md?version=2': '# Notes\n',
      '/private/x': page('Private'),
    });
    const read = await readAll({ urls: [`${site.url}/`], maxDepth: 2, exclude: ['private'] });
    expect(paths(read)).toEqual([
      'index.html',
      'guide/index.html',
      'api.html',
      'guide/install.html',
      expect.stringMatching(/^notes~[0-9a-f]{12}\.md$/) as string,
    ]);
    expect(read.documents[1]).toMatchObject({ url: `${site.url}/guide/` });
    expect(read.skipped).toEqual([]);
    expect(site.log.map(({ path }) => path)).not.toContain('/logo.png');
  });

  test('[T1] that did not change is the same, and is asked by conditional requests alone', async () => {
    const site = await serve({
      '/robots.txt': { body: 'User-agent: *\nAllow: /\n', type: 'text/plain' },
      '/sitemap.xml': `<urlset><url><loc>/a</loc></url><url><loc>/b</loc></url></urlset>`,
      '/a': page('A', ['/c']),
      '/b': page('B'),
      '/c': page('C'),
    });
    const store = mkdtempSync(join(tmpdir(), 'site-store-'));
    const web = { sitemap: `${site.url}/sitemap.xml` };
    const first = await readAll(web, { store });
    expect(paths(first)).toEqual(['a.html', 'b.html', 'c.html']);
    site.log.length = 0;
    const second = await readAll(web, { store });
    expect(second).toEqual(first);
    expect(site.log).toHaveLength(5);
    expect(site.log.every(({ isConditional, status }) => isConditional && status === 304)).toBe(true);

    site.pages['/b'] = page('changed');
    delete site.pages['/c'];
    site.pages['/a'] = page('A');
    const third = await readAll(web, { store });
    expect(paths(third)).toEqual(['a.html', 'b.html']);
    expect(third.documents[1]?.content).toContain('changed');
    expect(cached(store)).toHaveLength(4);
  });

  test('that knows dates and no tags is asked by its dates', async () => {
    const modified = 'Thu, 01 Jan 2026 00:00:00 GMT';
    const asked: (string | undefined)[] = [];
    const { url, close } = await listen(
      createServer((request, response) => {
        asked.push(request.headers['if-modified-since']);
        const isKnown = request.headers['if-modified-since'] === modified;
        response.writeHead(isKnown ? 304 : 200, { 'last-modified': modified, 'content-type': 'text/html' });
        response.end(isKnown ? undefined : page('Dated'));
      }),
    );
    const store = mkdtempSync(join(tmpdir(), 'site-store-'));
    const web = { urls: [`${url}/`], respectRobots: false };
    const first = await readAll(web, { store });
    expect(await readAll(web, { store })).toEqual(first);
    expect(asked).toEqual([undefined, modified]);
    close();
  });

  test('whose scripts and tokens change is the same', async () => {
    const site = await serve({ '/': page('A', [], '<script nonce="1">1</script><meta name="csrf" content="1">') });
    const first = await readAll({ urls: [`${site.url}/`] });
    site.pages['/'] = page('A', [], '<script nonce="2">2</script><meta name="csrf" content="2"><!-- 2 -->');
    expect(await readAll({ urls: [`${site.url}/`] })).toEqual(first);
  });

  test('that was left half read is read on: what is there already is asked for conditionally', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `/${index}`);
    const site = await serve({ '/': page('Start', names) });
    for (const name of names) site.pages[name] = page(name);
    const store = mkdtempSync(join(tmpdir(), 'site-store-'));
    const web = { urls: [`${site.url}/`] };
    const stop = new AbortController();
    const reports = {
      push({ metrics }: Progress) {
        if (metrics?.['pages_done'] === 6) stop.abort();
      },
    };
    await expect(readAll(web, { store, signal: stop.signal, reports })).rejects.toThrow('aborted');
    const isKnown = new Set(site.log.filter(({ status }) => status === 200).map(({ path }) => path));
    site.log.length = 0;
    const read = await readAll(web, { store });
    expect(read.documents).toHaveLength(13);
    const conditional = site.log.filter(({ isConditional }) => isConditional).map(({ path }) => path);
    expect(conditional.length).toBeGreaterThanOrEqual(6);
    expect(conditional.filter((path) => !isKnown.has(path))).toEqual([]);
  });

  test('whose pages lie damaged in the cache is read anew', async () => {
    const site = await serve({ '/': page('Start') });
    const store = mkdtempSync(join(tmpdir(), 'site-store-'));
    const first = await readAll({ urls: [`${site.url}/`] }, { store });
    const [body] = cached(store);
    writeFileSync(body!, 'x'.repeat(statSync(body!).size));
    expect(await readAll({ urls: [`${site.url}/`] }, { store })).toEqual(first);
  });

  test('gives its pages in one order however slow each is', async () => {
    const pages: WebSite['pages'] = { '/': page('Start', ['/1', '/2', '/3', '/4']) };
    for (const name of ['1', '2', '3', '4']) pages[`/${name}`] = page(name, [`/${name}-next`]);
    for (const name of ['1', '2', '3', '4']) pages[`/${name}-next`] = page(`${name}-next`);
    pages['/1'] = { ...(pages['/1'] as object), status: 503, times: 1, body: page('1', ['/1-next']) };
    const site = await serve(pages);
    const read = await readAll({ urls: [`${site.url}/`] });
    const names = ['index', '1', '2', '3', '4', '1-next', '2-next', '3-next', '4-next'];
    expect(paths(read)).toEqual(names.map((name) => `${name}.html`));
  });

  test('is read up to maxPages, and the rest is told', async () => {
    const site = await serve({
      '/': page('Start', ['/a', '/b', '/c']),
      '/a': page('A'),
      '/b': page('B'),
      '/c': page('C'),
    });
    const read = await readAll({ urls: [`${site.url}/`], maxPages: 2 });
    expect(paths(read)).toEqual(['index.html', 'a.html']);
    expect(reasons(read)).toEqual({ 'b.html': 'PageLimit', 'c.html': 'PageLimit' });
    expect(site.log.map(({ path }) => path)).toEqual(['/robots.txt', '/', '/a']);
  });
});

const cached = (store: string): string[] =>
  readdirSync(store, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath.endsWith('bodies'))
    .map((entry) => join(entry.parentPath, entry.name));
