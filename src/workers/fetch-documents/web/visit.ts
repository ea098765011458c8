import { setTimeout as sleep } from 'node:timers/promises';
import { pageAddress, type Scope } from './address.ts';
import type { Answer, Client, Wanted } from './client.ts';
import type { Pace } from './pace.ts';
import type { Robots } from './robots.ts';
import type { PageRecord, SiteState } from '../network/state.ts';
import type { Trouble } from '../network/trouble.ts';

/** What an address came to; `url` is where its redirects ended. With both, `record` is what the page said before. */
export type Visit = { url: URL } & (
  { record: PageRecord; trouble?: Trouble } | { record?: undefined; trouble: Trouble }
);

export interface VisitOptions {
  client: Client;
  pace: Pace;
  /** undefined where robots.txt is not to be obeyed */
  robots: Robots | undefined;
  scope: Scope;
  patience: Patience;
  signal: AbortSignal;
}

/** How long troubles are waited out. */
export interface Patience {
  /** tries of one address */
  attempts: number;
  /** before the second try; each further one doubles it */
  firstDelayMs: number;
  /** a longer Retry-After ends the tries */
  maxDelayMs: number;
}

export const patience: Patience = { attempts: 3, firstDelayMs: 1000, maxDelayMs: 120_000 };

const maxRedirects = 10;

/**
 * As `visit`; what does not answer for now, and is known from before, is taken as it was then: dropping it would look as if
 * it had been deleted, together with all that it alone links to.
 */
export async function visitOrKeep(
  state: SiteState,
  ...[start, wanted, isFirst, options]: Parameters<typeof visit>
): Promise<Visit> {
  const found = await visit(start, wanted, isFirst, options);
  const record = found.trouble?.isTransient === true ? await state.find(found.url.href) : undefined;
  if (record === undefined) return found;
  state.reuse(record);
  return { ...found, record };
}

/**
 * Read one address, through its redirects: each of them is checked against the scope and robots.txt, and its address by the
 * guard. The first pages of a site may lead anywhere, as "http://example.org" does to "https://www.example.org".
 */
export async function visit(start: URL, wanted: Wanted, isFirst: boolean, options: VisitOptions): Promise<Visit> {
  const seen = new Set<string>();
  let url = start;
  for (;;) {
    if (seen.has(url.href)) return { url, trouble: tooMany('redirects in a circle') };
    if (seen.size > maxRedirects) return { url, trouble: tooMany(`redirects more than ${maxRedirects} times`) };
    seen.add(url.href);
    if (!isFirst && !options.scope.has(url)) return { url, trouble: otherHost(url) };
    const refusal = await options.robots?.refusal(url, options.signal);
    if (refusal !== undefined) return { url, trouble: refusal };
    const answer = await getPatiently(url, wanted, options);
    if (answer.kind === 'content') return { url, record: answer.record };
    if (answer.kind === 'trouble') return { url, trouble: answer.trouble };
    const next = pageAddress(answer.location.href);
    if (next === undefined) return { url, trouble: noPage(answer.location) };
    url = next;
  }
}

async function getPatiently(
  url: URL,
  wanted: Wanted,
  { client, pace, patience, signal }: VisitOptions,
): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    await pace.turn(url.hostname, signal);
    const answer = await client.get(url, wanted);
    if (answer.kind !== 'trouble' || !answer.trouble.isTransient || attempt >= patience.attempts) return answer;
    const asked = answer.trouble.retryAfterMs;
    if (asked !== undefined && asked > patience.maxDelayMs) return answer;
    const delay = asked ?? patience.firstDelayMs * 2 ** (attempt - 1);
    // who asks to be left alone means all pages of the host
    if (asked !== undefined) pace.pause(url.hostname, delay);
    else await sleep(delay, undefined, { signal });
  }
}

const tooMany = (detail: string): Trouble => ({ reason: 'TooManyRedirects', detail, isTransient: false });

const otherHost = ({ hostname }: URL): Trouble => ({
  reason: 'OtherHost',
  detail: `leads to "${hostname}": add it to spec.web.allowHosts to read it`,
  isTransient: false,
});

const noPage = ({ protocol }: URL): Trouble => ({
  reason: 'HttpError',
  detail: `redirects to an address of "${protocol}"`,
  isTransient: false,
});
