import { describe, expect, test, vi } from 'vitest';
import { readAll, type Read } from '../../../../tests/web-site/read-all.ts';
import { serve } from '../../../../tests/web-site/serve.ts';
import type { Progress } from '../../progress/reporter.ts';

// a busy machine answers late
vi.setConfig({ testTimeout: 30_000 });

const html = (body: string, head = ''): string => `<html><head>${head}</head><body>${body}</body></html>`;
const linksTo = (...paths: string[]): string => html(paths.map((path) => `<a href="${path}">x</a>`).join(''));
const contents = ({ documents }: Read): string[] => documents.map(({ url }) => new URL(url ?? '').pathname);
const skipped = (read: Read): string[] =>
  read.skipped.map(({ reason, detail }) => `${new URL(detail.split(' ')[0] ?? '').pathname} ${reason}`);

describe('robots.txt', () => {
  test('is obeyed for the group that names the crawler, by the longest rule, and refusals are told', async () => {
    const site = await serve({
      '/robots.txt':
        'User-agent: *\nDisallow: /\n\nUser-agent: doctune\nDisallow: /private\nAllow: /private/open$\nDisallow: /*.md\n',
      '/': linksTo('/private/a', '/private/open', '/notes.md', '/b'),
      '/private/open': html('open'),
      '/b': html('b'),
    });
    const read = await readAll({ urls: [`${site.url}/`], maxPages: 3 });
    expect(contents(read)).toEqual(['/', '/private/open', '/b']);
    expect(skipped(read)).toEqual(['/private/a RobotsDisallowed', '/notes.md RobotsDisallowed']);
    expect(site.log.map(({ path }) => path)).not.toContain('/private/a');
  });

  test('holds for what a redirect leads to', async () => {
    const site = await serve({
      '/robots.txt': 'User-agent: *\nDisallow: /private\n',
      '/': linksTo('/moved'),
      '/moved': { status: 301, headers: { location: '/private/a' } },
      '/private/a': html('secret'),
    });
    const read = await readAll({ urls: [`${site.url}/`] });
    expect(skipped(read)).toEqual(['/moved RobotsDisallowed']);
    expect(site.log.map(({ path }) => path)).toEqual(['/robots.txt', '/', '/moved']);
  });

  test('names the pause between two requests', async () => {
    const site = await serve({
      '/robots.txt': 'User-agent: *\nCrawl-delay: 0.2\n',
      '/': linksTo('/a', '/b'),
      '/a': html('a'),
      '/b': html('b'),
    });
    const start = Date.now();
    await readAll({ urls: [`${site.url}/`] });
    // timers may fire a millisecond early
    expect(site.log.at(-1)!.at - start).toBeGreaterThanOrEqual(2 * 199);
  });
});

test('the rate holds for a host whatever the answers take', async () => {
  const names = Array.from({ length: 5 }, (_, index) => `/${index}`);
  const pages = Object.fromEntries(names.map((name) => [name, html(name)]));
  const site = await serve({ ...pages, '/': linksTo(...names) });
  const start = Date.now();
  await readAll({ urls: [`${site.url}/`], rate: 20, respectRobots: false });
  expect(site.log).toHaveLength(6);
  expect(site.log.at(-1)!.at - start).toBeGreaterThanOrEqual(5 * 49);
});

describe('Retry-After', () => {
  test('is waited for', async () => {
    const busy = { status: 429, headers: { 'retry-after': '1' }, times: 1, body: html('a') };
    const site = await serve({ '/': linksTo('/a', '/b'), '/a': busy, '/b': html('b') });
    const read = await readAll({ urls: [`${site.url}/`], respectRobots: false });
    expect(contents(read)).toEqual(['/', '/a', '/b']);
    const [first, second] = site.log.filter(({ path }) => path === '/a');
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(999);
  });

  test('that asks for too long is not waited for', async () => {
    const busy = { status: 503, headers: { 'retry-after': '3600' } };
    const site = await serve({ '/': linksTo('/a'), '/a': busy });
    const read = await readAll({ urls: [`${site.url}/`] });
    expect(skipped(read)).toEqual(['/a HttpError']);
    expect(site.log.filter(({ path }) => path === '/a')).toHaveLength(1);
  });
});

describe('what a page asks for', () => {
  const pages = {
    '/': html('<a href="/a" rel="nofollow">a</a><a href="/b">b</a><a href="/c">c</a><a href="/d">d</a>'),
    '/a': html('a'),
    '/b': html('b<a href="/from-b">x</a>', '<meta name="Robots" content="noindex">'),
    '/from-b': html('from b'),
    '/c': { body: html('c<a href="/from-c">x</a>'), headers: { 'x-robots-tag': 'nofollow' } },
    '/from-c': html('from c'),
    '/d': { body: html('d'), headers: { 'x-robots-tag': 'otherbot: noindex' } },
  };

  test('is done: noindex, nofollow, in the page and in its header', async () => {
    const site = await serve(pages);
    const read = await readAll({ urls: [`${site.url}/`] });
    expect(contents(read)).toEqual(['/', '/c', '/d', '/from-b']);
    expect(skipped(read)).toEqual(['/b RobotsDisallowed']);
  });

  test('is not done where robots are not respected', async () => {
    const site = await serve(pages);
    const read = await readAll({ urls: [`${site.url}/`], respectRobots: false });
    expect(contents(read).toSorted()).toEqual(['/', '/a', '/b', '/c', '/d', '/from-b', '/from-c']);
  });
});

test('a page that leads on at once is no page', async () => {
  const site = await serve({
    '/': html('moved', '<meta http-equiv="Refresh" content="0; url=en/">'),
    '/en/': html('<a href="/self">x</a>', '<noscript><meta http-equiv="refresh" content="0; url=/plain"></noscript>'),
    '/self': html('self', '<meta http-equiv="refresh" content="5; url=/self">'),
  });
  expect(contents(await readAll({ urls: [`${site.url}/`], maxDepth: 1 }))).toEqual(['/en/', '/self']);
});

describe('one page under several addresses', () => {
  test('is the one that its canonical link names, though that is found last', async () => {
    const canonical = '<link rel="canonical" href="/guide/">';
    const site = await serve({
      '/': linksTo('/guide/?from=start', '/guide', '/other'),
      '/guide/?from=start': html('guide, from start', canonical),
      '/guide': { status: 301, headers: { location: '/guide/' } },
      '/guide/': html('guide', canonical),
      '/other': html('other', '<link rel="canonical" href="/nowhere">'),
    });
    const read = await readAll({ urls: [`${site.url}/`] });
    expect(contents(read)).toEqual(['/', '/guide/', '/other']);
    expect(skipped(read)).toEqual(['/nowhere NotFound', '/guide/ Duplicate']);
  });

  test('is the first where the contents are equal', async () => {
    const site = await serve({ '/': linksTo('/a', '/a.html'), '/a': html('a'), '/a.html': html('a') });
    const read = await readAll({ urls: [`${site.url}/`] });
    expect(contents(read)).toEqual(['/', '/a']);
    expect(skipped(read)).toEqual(['/a.html Duplicate']);
  });

  test('stays where every page names the front page', async () => {
    const head = '<link rel="canonical" href="/">';
    const site = await serve({ '/': linksTo('/a', '/b'), '/a': html('a', head), '/b': html('b', head) });
    expect(contents(await readAll({ urls: [`${site.url}/`] }))).toEqual(['/', '/a', '/b']);
  });
});

describe('hosts', () => {
  const allowedNetworks = ['127.0.0.0/8', '::1/128'];

  test('others are read when they are allowed', async () => {
    const other = await serve({ '/b': html('b') });
    const site = await serve({
      '/': linksTo('/a', `${other.url.replace('127.0.0.1', 'localhost')}/b`),
      '/a': html('a'),
    });
    expect(contents(await readAll({ urls: [`${site.url}/`] }))).toEqual(['/', '/a']);
    const web = { urls: [`${site.url}/`], allowHosts: ['localhost'] };
    expect(contents(await readAll(web, { allowedNetworks }))).toEqual(['/', '/a', '/b']);
  });

  test('a first page may move to another, and other pages may not', async () => {
    const moved = await serve({ '/': linksTo('/a'), '/a': html('a') });
    const location = `${moved.url.replace('127.0.0.1', 'localhost')}/`;
    const site = await serve({ '/': { status: 302, headers: { location } } });
    expect(contents(await readAll({ urls: [`${site.url}/`] }, { allowedNetworks }))).toEqual(['/', '/a']);
    const later = await serve({ '/': linksTo('/gone'), '/gone': { status: 302, headers: { location } } });
    const read = await readAll({ urls: [`${later.url}/`] }, { allowedNetworks });
    expect(skipped(read)).toEqual(['/gone OtherHost']);
    expect(read.skipped[0]?.detail).toContain('"localhost": add it to spec.web.allowHosts');
  });
});

test('progress is told page by page, and a stop ends the crawl at once', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `/${index}`);
  const site = await serve({ '/': linksTo(...names), '/3': { fault: 'slow-head' } });
  for (const name of names) site.pages[name] ??= html(name);
  const reports: Progress[] = [];
  const stop = new AbortController();
  const reading = readAll({ urls: [`${site.url}/`] }, { reports, signal: stop.signal });
  await expect.poll(() => reports.length, { timeout: 20_000 }).toBe(4);
  stop.abort(new Error('stopped'));
  await expect(reading).rejects.toThrow('stopped');
  expect(reports.at(-1)).toEqual({ share: 4 / 21, metrics: { pages_done: 4, pages_known: 21 } });
});
