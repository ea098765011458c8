import { WorkerFailure } from '../shell/failure.ts';
import type { Policy } from './policy.ts';

/** Tells an endpoint that is down from one that stumbles. */
export interface Patience {
  answered(): void;
  /** The failure of the run when nothing was answered for too long. */
  failed(detail: string): WorkerFailure | undefined;
  /** whether anything was answered since then */
  hasAnsweredSince(moment: number): boolean;
  now(): number;
}

/**
 * A breaker that opens once and for good: the Job is tried again later and finds what was paid for. Breakers of
 * libraries (`cockatiel`, `opossum`) fail requests fast and probe in between, which would lose questions here.
 */
export function createPatience(
  { patienceMs, firstPatienceMs, patienceTries }: Policy,
  field: string,
  now: () => number = () => performance.now(),
): Patience {
  let answeredAt = -Infinity;
  let failures = 0;
  let failingSince = Infinity;
  return {
    now,
    answered() {
      answeredAt = now();
      failures = 0;
      failingSince = Infinity;
    },
    hasAnsweredSince: (moment) => answeredAt >= moment,
    failed(detail) {
      failures += 1;
      failingSince = Math.min(failingSince, now());
      // an address that never answered is more likely wrong than down
      const most = answeredAt === -Infinity ? firstPatienceMs : patienceMs;
      if (failures < patienceTries || now() - failingSince < most) return undefined;
      const message = `${field}.baseURL has not answered for ${Math.round(most / 1000)} s (${detail}): check it, or wait; what is paid for is kept`;
      return new WorkerFailure('unavailable', 'EndpointUnavailable', message);
    },
  };
}
