import type { Candidate } from '../source.ts';
import { shown } from './address.ts';
import { skipped, type Collector } from './collect.ts';
import type { Frontier, Target } from './frontier.ts';
import type { Trouble } from '../network/trouble.ts';
import { failureOf, failureOfCrawl, maxFailuresInRow } from './verdict.ts';
import type { Visit } from './visit.ts';

export interface CrawlOptions {
  frontier: Frontier;
  collector: Collector;
  /** read one address; rejects only when the worker is told to stop */
  visit: (target: Target) => Promise<Visit>;
  maxPages: number;
  /** told after each page */
  onPage: (done: number, known: number) => void;
}

/** visits at a time: the answers may be slow, the pace is kept all the same */
const window = 8;
/** lines that tell of addresses beyond maxPages; the rest is one line */
const maxLeftOut = 10_000;

/**
 * Read the pages of the frontier and what they link to. Several are asked for at a time, yet they are taken in their order, so that
 * the same site gives the same documents in the same order.
 */
export async function* crawl({
  frontier,
  collector,
  visit,
  maxPages,
  onPage,
}: CrawlOptions): AsyncGenerator<Candidate> {
  const running: { target: Target; visit: Promise<Visit | { error: unknown }> }[] = [];
  const counts = { asked: 0, answered: 0, transient: 0 };
  let failuresInRow = 0;
  let first: { field: string; url: URL; trouble: Trouble } | undefined;
  for (;;) {
    while (running.length < window && counts.asked + running.length < maxPages) {
      const target = frontier.next();
      if (target === undefined) break;
      // a rejection is met when its turn comes
      running.push({ target, visit: visit(target).catch((error: unknown) => ({ error })) });
    }
    const next = running.shift();
    if (next === undefined) break;
    const { target } = next;
    const result = await next.visit;
    if ('error' in result) throw result.error;
    // what robots.txt forbids was not asked for, and must not use up the pages
    const { url, record, trouble } = result;
    if (trouble?.reason !== 'RobotsDisallowed') counts.asked++;
    if (trouble === undefined) counts.answered++;
    else if (target.isFirst) first ??= { field: 'spec.web.urls', url: target.url, trouble };
    const isTransient = trouble?.isTransient === true;
    failuresInRow = isTransient ? failuresInRow + 1 : 0;
    counts.transient += isTransient ? 1 : 0;
    if (record === undefined) {
      const via = url.href === target.url.href ? '' : `by way of ${shown(url)} `;
      const skip = skipped(target.url, trouble.reason, via + trouble.detail);
      yield isTransient ? { ...skip, isTransient } : skip;
    } else {
      const candidate = await collector.take(target, url, record, trouble !== undefined);
      if (candidate !== undefined) yield candidate;
    }
    if (trouble !== undefined && failuresInRow >= maxFailuresInRow) throw failureOf('spec.web', target.url, trouble);
    onPage(counts.asked, frontier.known());
  }
  yield* collector.rest();
  const failure = failureOfCrawl({ ...counts, documents: collector.documents() }, first);
  if (failure !== undefined) throw failure;
  yield* leftOut(frontier, maxPages);
}

/** Pages that were found and not read are a gap that must be seen. */
function* leftOut(frontier: Frontier, maxPages: number): Generator<Candidate> {
  const waiting = frontier.waiting();
  const detail = `is beyond the ${maxPages} pages of spec.web.maxPages`;
  for (const { url } of waiting.slice(0, maxLeftOut)) yield skipped(url, 'PageLimit', detail);
  const unnamed = Math.max(0, waiting.length - maxLeftOut) + frontier.forgotten();
  const [sample] = waiting;
  if (unnamed > 0 && sample !== undefined) {
    yield skipped(new URL('/', sample.url), 'PageLimit', `has ${unnamed} more pages beyond spec.web.maxPages`);
  }
}
