import type { Refusal } from '../fact.ts';

/** Why something that a model wrote, or should have written, is not taken. */
export interface WrittenRefusal {
  reason: string;
  detail: string;
  cost: number;
  /** null where nothing was written */
  row: unknown;
}

/** what an endpoint did not answer, rather than what it answered badly */
export const endpointReasons: ReadonlySet<string> = new Set([
  'REFUSED',
  'CUT',
  'BAD_JSON',
  'BAD_SCHEMA',
  'EMPTY_ANSWER',
  'TOO_LONG_FOR_MODEL',
  'ENDPOINT_FAILED',
]);

export function toRefusal({ reason, detail, cost, row }: WrittenRefusal, at: number, stage?: string): Refusal {
  const own = stage ?? (endpointReasons.has(reason) ? 'endpoint' : 'check');
  return { reason, stage: own, detail, at, row, ...(cost > 0 ? { cost } : {}) };
}
