import { WorkerFailure } from '../../shell/failure.ts';
import type { Trouble } from '../network/trouble.ts';

/** What a crawl came to, as far as its success is in question. */
export interface CrawlCounts {
  documents: number;
  /** addresses that were asked for */
  asked: number;
  /** of them, those that gave something; what is known from before is no answer */
  answered: number;
  /** of them, those that failed for a reason that may pass */
  transient: number;
}

/** so many failures in a row are those of the site, not of its pages */
export const maxFailuresInRow = 20;
/** fewer are troubles of single pages */
const fewFailures = 10;
const maxFailedShare = 0.2;

/**
 * Whether a crawl must not count: a site that is half down would else look like one whose pages were deleted.
 */
export function failureOfCrawl(
  { documents, asked, answered, transient }: CrawlCounts,
  first: { field: string; url: URL; trouble: Trouble } | undefined,
): WorkerFailure | undefined {
  if ((documents === 0 || answered === 0) && first !== undefined)
    return failureOf(first.field, first.url, first.trouble);
  if (transient < fewFailures || transient <= maxFailedShare * asked) return undefined;
  return new WorkerFailure('unavailable', 'SiteUnavailable', `${transient} of ${asked} pages did not answer`);
}

/** The failure of an address that the whole source hangs on. */
export function failureOf(field: string, url: URL, { reason, detail, isTransient }: Trouble): WorkerFailure {
  const what = `"${url.href.slice(0, 200)}" of ${field}`;
  if (isTransient) return new WorkerFailure('unavailable', 'SiteUnavailable', `${what}: ${detail}`);
  return new WorkerFailure('source', reason, `${what}: ${detail}${remedy(reason, field)}`);
}

const remedies: Partial<Record<Trouble['reason'], string>> = {
  RobotsDisallowed: ': ask the owner of the site, or, if it is yours, set spec.web.respectRobots to false',
  TlsFailed: ': if its authority is your own, name it in spec.web.caConfigMapRef',
  Refused: ': pages behind a login cannot be read',
  TooLarge: ': raise spec.maxDocumentSize',
};

const remedy = (reason: Trouble['reason'], field: string): string =>
  reason === 'ForbiddenAddress' ? `, or change ${field}` : (remedies[reason] ?? `: change ${field}`);
