/** providers that tell how much is left of which limit, and when it is full again */
const limits = ['requests', 'tokens'] as const;

/** How long an endpoint asks to wait, in milliseconds; undefined when it does not say. */
export function askedWaitMs(headers: Headers | undefined, now = Date.now()): number | undefined {
  if (headers === undefined) return undefined;
  const exact = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (Number.isFinite(exact)) return Math.max(0, exact);
  const value = headers.get('retry-after') ?? headers.get('x-ratelimit-reset') ?? headers.get('ratelimit-reset');
  return value === null ? resetOf(headers, now) : readTime(value, now);
}

/** The reset of the limit that is used up; of the slowest one where it is not told which. */
function resetOf(headers: Headers, now: number): number | undefined {
  const resets = limits.flatMap((limit) => {
    const value = headers.get(`x-ratelimit-reset-${limit}`);
    const waitMs = value === null ? undefined : readTime(value, now);
    return waitMs === undefined ? [] : [{ waitMs, isUsedUp: headers.get(`x-ratelimit-remaining-${limit}`) === '0' }];
  });
  const usedUp = resets.filter((reset) => reset.isUsedUp);
  const waits = (usedUp.length > 0 ? usedUp : resets).map((reset) => reset.waitMs);
  return waits.length === 0 ? undefined : Math.max(...waits);
}

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Seconds, a moment as epoch in seconds or milliseconds, a duration such as "6m0.5s", or a date. */
function readTime(value: string, now: number): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(value)) {
    const number = Number(value);
    // whoever names so many seconds means a moment
    if (number > 1e11) return Math.max(0, number - now);
    return number > 1e9 ? Math.max(0, number * 1000 - now) : number * 1000;
  }
  if (/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(value)) {
    const parts = value.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g);
    return [...parts].reduce((sum, [, number, unit]) => sum + Number(number) * (unitMs[unit ?? 's'] ?? 0), 0);
  }
  const ms = Date.parse(value) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
