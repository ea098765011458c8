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
const endpointReasons: ReadonlySet<string> = new Set([
  'REFUSED',
  'CUT',
  'BAD_JSON',
  'BAD_SCHEMA',
  'EMPTY_ANSWER',
  'TOO_LONG_FOR_MODEL',
  'ENDPOINT_FAILED',
]);

/** `stage`: where it was turned down for what it says; without a word of the model asked there it is a gap instead. */
export function toRefusal({ reason, detail, cost, row }: WrittenRefusal, at: number, stage = 'check'): Refusal {
  const own = endpointReasons.has(reason) ? 'endpoint' : stage;
  return { reason, stage: own, detail, at, row, ...(cost > 0 ? { cost } : {}) };
}
