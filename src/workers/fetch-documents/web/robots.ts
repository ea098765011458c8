import parseRobots from 'robots-parser';
import { userAgent, type Answer, type Client } from './client.ts';
import type { Pace } from './pace.ts';
import type { SiteState } from '../network/state.ts';
import type { Trouble } from '../network/trouble.ts';

interface Rules {
  isAllowed(url: string, agent: string): boolean | undefined;
  getCrawlDelay(agent: string): number | undefined;
}
/** the types of the package are those of a module that it is not */
const parse = parseRobots as unknown as (url: string, text: string) => Rules;

/** RFC 9309 asks for at least 500 KiB */
const maxBytes = 512 * 1024;
const maxRedirects = 5;
/** a longer delay would make any site last for days */
const maxDelayMs = 60_000;

export interface Robots {
  /** Why an address must not be asked for; undefined if it may. */
  refusal(url: URL, signal: AbortSignal): Promise<Trouble | undefined>;
}

/** Reads the robots.txt of each origin once. Where it cannot be read, the site is left alone, as RFC 9309 asks. */
export function createRobots(client: Client, state: SiteState, pace: Pace): Robots {
  const origins = new Map<string, Promise<Rules | Trouble>>();

  async function load(origin: string, signal: AbortSignal): Promise<Rules | Trouble> {
    let url = new URL('/robots.txt', origin);
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      await pace.turn(url.hostname, signal);
      const answer = await client.get(url, { maxBytes });
      if (answer.kind !== 'redirect') return readRules(origin, answer, state, pace);
      url = answer.location;
    }
    return parse(`${origin}/robots.txt`, '');
  }
  return {
    async refusal(url, signal) {
      const found = origins.get(url.origin) ?? load(url.origin, signal);
      origins.set(url.origin, found);
      const rules = await found;
      if ('reason' in rules) return rules;
      if (rules.isAllowed(url.href, userAgent) !== false) return undefined;
      return { reason: 'RobotsDisallowed', detail: `robots.txt of "${url.host}" forbids it`, isTransient: false };
    },
  };
}

async function readRules(origin: string, answer: Answer, state: SiteState, pace: Pace): Promise<Rules | Trouble> {
  const url = `${origin}/robots.txt`;
  if (answer.kind === 'content') {
    const rules = parse(url, (await state.read(answer.record)).toString('utf8'));
    const delay = rules.getCrawlDelay(userAgent) ?? 0;
    pace.slowDown(new URL(origin).hostname, Math.min(delay * 1000, maxDelayMs));
    return rules;
  }
  if (answer.kind === 'trouble') {
    const { reason, detail, isTransient } = answer.trouble;
    const isSilent = isTransient || reason === 'ForbiddenAddress' || reason === 'TlsFailed';
    if (isSilent) return { ...answer.trouble, detail: `robots.txt of "${new URL(origin).host}": ${detail}` };
  }
  // there is none, so all is allowed
  return parse(url, '');
}
