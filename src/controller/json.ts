import { isDeepStrictEqual } from 'node:util';

/** Freeze a value and everything in it, so that no reader can change the cache. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const member of Object.values(value)) freeze(member as unknown);
  return Object.freeze(value);
}

/** What is left of a value on the wire: no undefined members, dates as strings. */
export const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null)) as unknown;

/** Whether two values are the same on the wire. */
export const isSameJson = (a: unknown, b: unknown): boolean => isDeepStrictEqual(asJson(a), asJson(b));
