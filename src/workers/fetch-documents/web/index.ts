import { createHash } from 'node:crypto';
import { WorkerFailure } from '../../shell/failure.ts';
import type { Selection } from '../select.ts';
import type { Candidate, ReadContext, Source, WebInput } from '../source.ts';
import { createScope, pageAddress, type Scope } from './address.ts';
import { openClient } from './client.ts';
import { createCollector, skipped } from './collect.ts';
import { extensionOf } from './content-type.ts';
import { crawl } from './crawl.ts';
import { createFrontier } from './frontier.ts';
import { createGuard, type Resolve } from '../network/guard.ts';
import { createPace } from './pace.ts';
import { createRobots } from './robots.ts';
import { readSitemaps, sitemapWanted } from './sitemaps.ts';
import { openState, type PageRecord } from '../network/state.ts';
import { patience as usualPatience, visitOrKeep, type Patience } from './visit.ts';

/** What only tests change. */
export interface SiteTuning {
  resolve?: Resolve;
  patience?: Patience;
}

/** a site may make up addresses without end; 100,000 pages need some 60 MB for their addresses */
const knownPerPage = 10;
const leastKnown = 10_000;

/**
 * The pages of a web site. Nothing is asked for before the first candidate is; failures of the site as a whole are thrown there.
 * Pages are kept in the store's cache, so that the next crawl asks for changes alone.
 */
export const readSite = (
  web: WebInput,
  selection: Selection,
  context: ReadContext,
  tuning: SiteTuning = {},
): Promise<Source> => Promise.resolve({ revision: undefined, candidates: candidates(web, selection, context, tuning) });

async function* candidates(
  web: WebInput,
  selection: Selection,
  { store, limits, allowedNetworks, signal, log, progress }: ReadContext,
  { resolve, patience = usualPatience }: SiteTuning,
): AsyncGenerator<Candidate> {
  const firsts = web.urls.map((url) => addressOf(url, 'spec.web.urls'));
  const sitemap = web.sitemap === null ? undefined : addressOf(web.sitemap, 'spec.web.sitemap');
  const guard = createGuard(allowedNetworks, resolve);
  const state = await openState<PageRecord>(await store.cache(`web/${cacheKey(web)}`));
  // ends what is still under way when the reader has enough or fails
  const ended = new AbortController();
  const running = AbortSignal.any([signal, ended.signal]);
  const { caFile, timeoutSeconds } = web;
  const client = await openClient({ guard, state, caFile, timeoutSeconds, signal: running });
  const pace = createPace(web.rate);
  const robots = web.respectRobots ? createRobots(client, state, pace) : undefined;
  const scope = createScope(web.allowHosts);
  for (const url of [...firsts, ...(sitemap === undefined ? [] : [sitemap])]) scope.add(url);
  const maxKnown = web.maxPages * knownPerPage + leastKnown;
  const frontier = createFrontier({ scope, selection, maxDepth: web.maxDepth, maxKnown });
  const visitOptions = { client, pace, robots, scope, patience, signal: running };
  const wanted = {
    maxBytes: limits.maxDocumentBytes,
    accepts: (type: string, url: URL) => extensionOf(type, url) !== undefined,
  };
  try {
    for (const url of firsts) frontier.add({ url, depth: 0, isFirst: true });
    if (sitemap !== undefined) {
      const look = async (url: URL, isFirst: boolean) => {
        const found = await visitOrKeep(state, url, sitemapWanted, isFirst, visitOptions);
        // a site that moved lists its pages where it is now
        if (isFirst) scope.add(found.url);
        return found;
      };
      const pages = await readSitemaps(sitemap, look, state, maxKnown);
      for (const url of pages.urls) frontier.add({ url, depth: 0, isFirst: false });
      log.info({ pages: pages.urls.length }, 'read the sitemap');
      yield* pages.skipped;
      yield* otherHosts(sitemap, pages.urls, scope);
    }
    yield* crawl({
      frontier,
      collector: createCollector(frontier, state, web.respectRobots),
      visit: ({ url, isFirst }) => visitOrKeep(state, url, wanted, isFirst, visitOptions),
      maxPages: web.maxPages,
      onPage(done, known) {
        const total = Math.max(1, Math.min(known, web.maxPages));
        progress.report({ share: Math.min(1, done / total), metrics: { pages_done: done, pages_known: known } });
      },
    });
    await state.prune();
  } finally {
    ended.abort();
    await client.close();
  }
}

/** hosts that are named; a sitemap may list any */
const maxHosts = 10;

/** Pages that a sitemap lists on hosts that are not read are a gap that must be seen. */
function otherHosts(sitemap: URL, pages: readonly URL[], scope: Scope): Candidate[] {
  const hosts = new Set(pages.filter((url) => !scope.has(url)).map(({ hostname }) => hostname));
  return [...hosts]
    .slice(0, maxHosts)
    .map((host) =>
      skipped(sitemap, 'OtherHost', `lists pages of "${host}": add it to spec.web.allowHosts to read them`),
    );
}

function addressOf(text: string, field: string): URL {
  const url = pageAddress(text);
  if (url !== undefined) return url;
  throw new WorkerFailure('config', 'InvalidAddress', `"${text}" of ${field} is no address of a web page`);
}

/** Sources with the same first addresses share what they read. */
const cacheKey = ({ urls, sitemap }: WebInput): string =>
  createHash('sha256')
    .update(JSON.stringify([urls, sitemap]))
    .digest('hex')
    .slice(0, 32);
