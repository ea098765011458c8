import type { Candidate } from '../source.ts';
import { TooMuch } from '../network/body.ts';
import { skipped } from './collect.ts';
import { maxSitemapBytes, readSitemap, type Sitemap } from './sitemap.ts';
import type { SiteState } from '../network/state.ts';
import type { Trouble } from '../network/trouble.ts';
import { failureOf } from './verdict.ts';
import type { Visit } from './visit.ts';

/** an index of indexes is not foreseen by the protocol, and met all the same */
const maxDepth = 3;
const maxSitemaps = 1000;

export interface SitemapPages {
  urls: URL[];
  /** sitemaps of an index that could not be read, and one line for all that is beyond the limits */
  skipped: Candidate[];
}

/**
 * The pages of a sitemap, or of all the sitemaps of an index, at most `limit` of them. Throws the failure of the first
 * one; others are skipped with their reason.
 */
export async function readSitemaps(
  start: URL,
  visit: (url: URL, isFirst: boolean) => Promise<Visit>,
  state: SiteState,
  limit: number,
): Promise<SitemapPages> {
  const seen = new Set([start.href]);
  const found: SitemapPages = { urls: [], skipped: [] };
  const queue = [{ url: start, depth: 0 }];
  const unread = { sitemaps: 0, addresses: 0 };
  for (const [at, { url, depth }] of queue.entries()) {
    if (found.urls.length >= limit) {
      unread.sitemaps += queue.length - at;
      break;
    }
    const result = await read(url, await visit(url, depth === 0), state, limit - found.urls.length);
    if ('reason' in result) {
      if (depth === 0) throw failureOf('spec.web.sitemap', url, result);
      const skip = skipped(url, result.reason, result.detail, '.xml');
      found.skipped.push(result.isTransient ? { ...skip, isTransient: true } : skip);
    } else if (!result.isIndex) {
      found.urls.push(...result.urls);
      unread.addresses += result.further;
    } else {
      unread.sitemaps += result.further;
      for (const next of result.urls) {
        if (seen.has(next.href)) continue;
        if (depth + 1 > maxDepth || seen.size >= maxSitemaps) unread.sitemaps++;
        else {
          seen.add(next.href);
          queue.push({ url: next, depth: depth + 1 });
        }
      }
    }
  }
  found.skipped.push(...beyond(start, unread));
  return found;
}

/** What no limit lets in is a gap that must be seen. */
function beyond(start: URL, { sitemaps, addresses }: { sitemaps: number; addresses: number }): Candidate[] {
  if (sitemaps + addresses === 0) return [];
  const limits = `at most ${maxSitemaps} sitemaps are read, ${maxDepth} deep, and so many addresses as spec.web.maxPages needs`;
  const detail = `lists ${addresses} more pages and ${sitemaps} more sitemaps, which are not read: ${limits}; raise spec.web.maxPages, or make sources of parts of it`;
  return [skipped(start, 'PageLimit', detail, '.xml')];
}

export const sitemapWanted = { maxBytes: maxSitemapBytes };

async function read(url: URL, visit: Visit, state: SiteState, limit: number): Promise<Sitemap | Trouble> {
  if (visit.record === undefined) return visit.trouble;
  try {
    const sitemap = await readSitemap(state.pathOf(visit.record), visit.url, limit);
    return sitemap ?? { reason: 'BadDocument', detail: 'is no sitemap', isTransient: false };
  } catch (error) {
    if (error instanceof TooMuch) return error.trouble;
    const message = error instanceof Error ? error.message : String(error);
    return { reason: 'BadDocument', detail: `cannot be unpacked: ${message}`, isTransient: false };
  }
}
