import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { createWebSite, listen } from '../../../../tests/web-site/index.ts';
import { readAll, type Read } from '../../../../tests/web-site/read-all.ts';
import { serve } from '../../../../tests/web-site/serve.ts';
import { createCertificates } from '../../../progress/certificate.ts';
import type { Resolve } from '../network/guard.ts';

// a busy machine answers late
vi.setConfig({ testTimeout: 30_000 });

const linksTo = (...paths: string[]): string => paths.map((path) => `<a href="${path}">x</a>`).join('');
const told = ({ skipped }: Read): { reason: string; detail: string }[] =>
  skipped.map(({ reason, detail }) => ({ reason, detail: detail.replace(/^\S+ /, '') }));

describe('a page that fails is skipped with its reason', () => {
  test.each([
    ['missing', { status: 404 }, 'NotFound', 'answered 404'],
    ['behind a login', { status: 403 }, 'Refused', 'answered 403'],
    ['broken', { status: 500 }, 'HttpError', 'answered 500'],
    ['of 10 GB', { fault: 'huge' }, 'TooLarge', 'larger than 100000 bytes'],
    ['said to be of 10 GB', { headers: { 'content-length': '10000000000' } }, 'TooLarge', 'larger than 100000 bytes'],
    ['a gzip bomb', { fault: 'gzip-bomb' }, 'Bomb', 'unpacked from'],
    ['never answered', { fault: 'slow-head' }, 'Timeout', 'in time'],
    ['sent a byte at a time', { fault: 'slow-body' }, 'Timeout', 'in time'],
    ['cut off', { fault: 'cut' }, 'Unreachable', 'SOCKET'],
    ['no HTTP', { fault: 'garbage' }, 'Unreachable', 'does not match the HTTP'],
    ['redirected without end', { fault: 'endless-redirect' }, 'TooManyRedirects', 'more than 10 times'],
    ['redirected in a circle', redirect('/bad'), 'TooManyRedirects', 'in a circle'],
    ['redirected to the metadata service', redirect('http://169.254.169.254/latest/'), 'OtherHost', '169.254.169.254'],
    ['redirected to a file', redirect('file:///etc/passwd'), 'HttpError', '"file:"'],
    ['redirected to nowhere', redirect('http://'), 'HttpError', 'broken address'],
    ['an image', { type: 'image/png', body: 'x' }, 'UnknownFormat', '"image/png"'],
    ['in an unknown encoding', { headers: { 'content-encoding': 'lzma' } }, 'HttpError', '"lzma"'],
    [
      'not really packed',
      { headers: { 'content-encoding': 'gzip' }, body: 'plain' },
      'HttpError',
      'cannot be unpacked',
    ],
  ] as const)('%s', async (_, fault, reason, detail) => {
    const site = await serve({ '/': linksTo('/bad', '/good'), '/good': 'good', '/bad': fault });
    for (let number = 1; number < 12; number++) site.pages[`/redirected?${number}`] = { fault: 'endless-redirect' };
    const web = {
      urls: [`${site.url}/`],
      maxDepth: 1,
      timeoutSeconds: 'fault' in fault && fault.fault.startsWith('slow') ? 1 : 20,
    };
    const read = await readAll(web, { tuning: { patience: { attempts: 1, firstDelayMs: 1, maxDelayMs: 1 } } });
    expect(read.documents.map(({ content }) => content)).toEqual([site.pages['/'], 'good']);
    expect(told(read)).toEqual([{ reason, detail: expect.stringContaining(detail) as string }]);
  });
});

function redirect(location: string): { status: number; headers: { location: string } } {
  return { status: 302, headers: { location } };
}

describe('a page that does not answer for now', () => {
  const quick = { patience: { attempts: 1, firstDelayMs: 1, maxDelayMs: 1 } };

  test.each([
    ['is down', { status: 503 }],
    ['is never answered', { fault: 'slow-head' }],
    ['is cut off', { fault: 'cut' }],
  ] as const)('[T1] and %s is what it was before, with all that it links to', async (_, fault) => {
    const inner = linksTo('/deep');
    const site = await serve({ '/': linksTo('/inner', '/b'), '/inner': inner, '/b': 'b', '/deep': 'deep' });
    const reading = { store: mkdtempSync(join(tmpdir(), 'kept-store-')), tuning: quick };
    const web = { urls: [`${site.url}/`], timeoutSeconds: 'fault' in fault && fault.fault === 'slow-head' ? 1 : 20 };
    const before = await readAll(web, reading);
    expect(before.documents.map(({ content }) => content)).toEqual([site.pages['/'], inner, 'b', 'deep']);

    site.pages['/inner'] = fault;
    // twice: the next look must still know it
    for (let look = 0; look < 2; look++) {
      const after = await readAll(web, reading);
      expect(after.skipped).toEqual([]);
      expect(after.documents).toEqual(
        before.documents.map((one) => (one.content === inner ? { ...one, isKept: true } : one)),
      );
    }

    site.pages['/inner'] = { status: 404 };
    const gone = await readAll(web, reading);
    expect(gone.documents.map(({ content }) => content)).toEqual([site.pages['/'], 'b']);
    site.pages['/inner'] = fault;
    expect(told(await readAll(web, reading))).toHaveLength(1);
  });

  test('is kept too where a sitemap of an index lists it', async () => {
    const site = await serve({
      '/index.xml': '<sitemapindex><sitemap><loc>/part.xml</loc></sitemap></sitemapindex>',
      '/part.xml': '<urlset><url><loc>/a</loc></url></urlset>',
      '/a': 'a',
    });
    const reading = { store: mkdtempSync(join(tmpdir(), 'kept-store-')), tuning: quick };
    const before = await readAll({ sitemap: `${site.url}/index.xml` }, reading);
    site.pages['/part.xml'] = { status: 503 };
    expect(await readAll({ sitemap: `${site.url}/index.xml` }, reading)).toEqual(before);
  });

  test('does not hide that the whole site is down', async () => {
    const site = await serve({ '/': linksTo('/a'), '/a': 'a' });
    const reading = { store: mkdtempSync(join(tmpdir(), 'kept-store-')), tuning: quick };
    const web = { urls: [`${site.url}/`] };
    await readAll(web, reading);
    for (const path of ['/', '/a']) site.pages[path] = { status: 503 };
    await expect(readAll(web, reading)).rejects.toMatchObject({ exit: 'unavailable', reason: 'SiteUnavailable' });
  });
});

describe('a site that fails as a whole is a failure', () => {
  const failing = async (web: object, reading: object = {}) => readAll(web, { ...quick, ...reading });
  const quick = { tuning: { patience: { attempts: 2, firstDelayMs: 1, maxDelayMs: 1 } } };

  test.each([
    ['down', { status: 503 }, 'unavailable', 'SiteUnavailable', 'answered 503'],
    ['missing', { status: 404 }, 'source', 'NotFound', 'change spec.web.urls'],
    ['behind a login', { status: 401 }, 'source', 'Refused', 'login'],
    ['redirected without end', redirect('/'), 'source', 'TooManyRedirects', 'circle'],
    [
      'redirected to the metadata service',
      redirect('http://169.254.169.254/'),
      'source',
      'ForbiddenAddress',
      '"169.254.169.254"',
    ],
    [
      'redirected to a mapped address',
      redirect('http://[::ffff:10.0.0.1]/'),
      'source',
      'ForbiddenAddress',
      'allowedNetworks',
    ],
    ['redirected to a number', redirect('http://2852039166/'), 'source', 'ForbiddenAddress', '"169.254.169.254"'],
    ['redirected to octal digits', redirect('http://012.0.0.1/'), 'source', 'ForbiddenAddress', '"10.0.0.1"'],
  ])('%s', async (_, page, exit, reason, message) => {
    const site = await serve({ '/': page });
    const reading = failing({ urls: [`${site.url}/`] });
    await expect(reading).rejects.toMatchObject({ exit, reason, message: expect.stringContaining(message) as string });
  });

  test('forbidden by its robots.txt', async () => {
    const site = await serve({ '/robots.txt': 'User-agent: doctune\nDisallow: /\n', '/': 'x' });
    const reading = failing({ urls: [`${site.url}/`] });
    await expect(reading).rejects.toMatchObject({ exit: 'source', reason: 'RobotsDisallowed' });
    await expect(reading).rejects.toThrow('spec.web.respectRobots');
    expect(site.log.map(({ path }) => path)).toEqual(['/robots.txt']);
    expect((await readAll({ urls: [`${site.url}/`], respectRobots: false })).documents).toHaveLength(1);
  });

  test('without a network that allows its address', async () => {
    const site = await serve({ '/': 'x' });
    const reading = failing({ urls: [`${site.url}/`] }, { allowedNetworks: [] });
    await expect(reading).rejects.toMatchObject({ exit: 'source', reason: 'ForbiddenAddress' });
    await expect(reading).rejects.toThrow(/spec\.web\.urls.*allowedNetworks/);
    expect(site.log).toEqual([]);
  });

  test('when nobody listens', async () => {
    const { url, close } = await listen(createWebSite({}).server);
    close();
    const reading = failing({ urls: [`${url}/`] });
    await expect(reading).rejects.toMatchObject({ exit: 'unavailable', reason: 'SiteUnavailable' });
    await expect(reading).rejects.toThrow('ECONNREFUSED');
  });

  test('when it goes down on the way', async () => {
    const site = await serve({ '/': linksTo(...Array.from({ length: 40 }, (_, index) => `/${index}`)) });
    for (let index = 0; index < 40; index++) site.pages[`/${index}`] = index % 2 ? { status: 500 } : `page ${index}`;
    await expect(failing({ urls: [`${site.url}/`] })).rejects.toThrow('20 of 41 pages did not answer');
    for (let index = 0; index < 40; index++) site.pages[`/${index}`] = { status: 500 };
    await expect(failing({ urls: [`${site.url}/`] })).rejects.toMatchObject({ exit: 'unavailable' });
    // the rest of the pages was not even asked for
    expect(site.log.filter(({ path }) => path === '/39')).toHaveLength(2);
  });

  test('when its robots.txt cannot be read', async () => {
    const site = await serve({ '/robots.txt': { status: 500 }, '/': 'x' });
    await expect(failing({ urls: [`${site.url}/`] })).rejects.toThrow(/robots\.txt of "127.*answered 500/);
    expect(site.log.every(({ path }) => path === '/robots.txt')).toBe(true);
  });
});

describe('a name', () => {
  const resolving = (...addresses: string[]): Resolve & { asked: number } => {
    const resolve: Resolve & { asked: number } = Object.assign(
      ((_host, _options, callback) => {
        const address = addresses[Math.min(resolve.asked++, addresses.length - 1)]!;
        setImmediate(() => callback(null, [{ address, family: 4 }]));
      }) as Resolve,
      { asked: 0 },
    );
    return resolve;
  };

  test('that resolves to a private address is not connected to', async () => {
    const site = await serve({ '/': 'x' });
    const reading = readAll(
      { urls: [`http://docs.example:${site.port}/`] },
      { allowedNetworks: [], tuning: { resolve: resolving('127.0.0.1') } },
    );
    await expect(reading).rejects.toThrow('"docs.example" at "127.0.0.1"');
    expect(site.log).toEqual([]);
  });

  test('that changes its address after it was checked is checked at each connection', async () => {
    const site = await serve({ '/robots.txt': { status: 404, headers: { connection: 'close' } }, '/': 'secret' });
    const resolve = resolving('127.0.0.1', '127.0.0.2');
    const reading = readAll({ urls: [`http://docs.example:${site.port}/`] }, { tuning: { resolve } });
    await expect(reading).rejects.toThrow('"docs.example" at "127.0.0.2"');
    expect(site.log.map(({ path }) => path)).toEqual(['/robots.txt']);
    expect(resolve.asked).toBe(2);
  });
});

describe('TLS', () => {
  test('a certificate of an unknown authority is refused, and taken once the authority is named', async () => {
    const { key, certificate: cert, ca } = await createCertificates(['127.0.0.1'], new Date());
    const site = await serve({ '/': 'safe' }, { key, cert });
    const reading = readAll({ urls: [`${site.url}/`] });
    await expect(reading).rejects.toMatchObject({ exit: 'source', reason: 'TlsFailed' });
    await expect(reading).rejects.toThrow('spec.web.caConfigMapRef');

    const caFile = join(mkdtempSync(join(tmpdir(), 'authority-')), 'ca.crt');
    writeFileSync(caFile, ca);
    const read = await readAll({ urls: [`${site.url}/`], caFile });
    expect(read.documents.map(({ content }) => content)).toEqual(['safe']);
  });

  test('a certificate of another name is refused', async () => {
    const { key, certificate: cert, ca } = await createCertificates(['other.example'], new Date());
    const caFile = join(mkdtempSync(join(tmpdir(), 'authority-')), 'ca.crt');
    writeFileSync(caFile, ca);
    const site = await serve({ '/': 'x' }, { key, cert });
    await expect(readAll({ urls: [`${site.url}/`], caFile })).rejects.toThrow('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('plain HTTP where TLS is expected is told', async () => {
    const { port } = await serve({ '/': 'x' });
    await expect(readAll({ urls: [`https://127.0.0.1:${port}/`] })).rejects.toMatchObject({ reason: 'TlsFailed' });
  });
});
