import { z } from 'zod';
import { withRules } from './rules.ts';

/** CEL reads `1` as an integer, which does not compare with a double. */
const celDouble = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

interface DecimalBounds {
  min?: number;
  /** exclusive minimum */
  above?: number;
  max: number;
}

/** A decimal as a string: floats lose digits on their way through clients, and the API conventions forbid them. */
export function decimal(field: string, { min, above, max }: DecimalBounds): z.ZodString {
  const text = z
    .string()
    .max(16)
    .regex(/^[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/);
  const lower = above === undefined ? `double(self) >= ${celDouble(min ?? 0)}` : `double(self) > ${celDouble(above)}`;
  const range = above === undefined ? `from ${min ?? 0} to ${max}` : `above ${above} and at most ${max}`;
  return withRules(text, {
    cel: `${lower} && double(self) <= ${celDouble(max)}`,
    message: `${field} must be a decimal in quotes, ${range}`,
    holds: (value) => {
      const number = Number(value);
      return (above === undefined ? number >= (min ?? 0) : number > above) && number <= max;
    },
  });
}

/** A figure in a status: written by the operator, so its range is whatever was measured. */
export const figure = (): z.ZodString => z.string().max(32);

const secondsPer = { s: 1, m: 60, h: 3600 } as const;

/** Seconds in a duration such as `90s` or `1h30m`. The text must have passed the schema. */
export function parseDuration(text: string): number {
  let seconds = 0;
  for (const [, amount, unit] of text.matchAll(/([0-9]+)([smh])/g)) {
    seconds += Number(amount) * secondsPer[unit as keyof typeof secondsPer];
  }
  return seconds;
}

export function duration(field: string, { min, max }: { min: string; max: string }): z.ZodString {
  const text = z
    .string()
    .max(16)
    .regex(/^([0-9]+[smh])+$/);
  return withRules(text, {
    cel: `duration(self) >= duration('${min}') && duration(self) <= duration('${max}')`,
    message: `${field} must be a duration such as "10m", from ${min} to ${max}`,
    holds: (value) => parseDuration(value) >= parseDuration(min) && parseDuration(value) <= parseDuration(max),
  });
}

const bytesPer = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
} as const;
const byteQuantity = /^([1-9][0-9]*)(k|M|G|T|Ki|Mi|Gi|Ti)?$/;

const intOrString = { 'x-kubernetes-int-or-string': true };

/** A whole number of bytes above 0, bare or with a suffix. */
export const bytes = () => z.union([z.int().min(1), z.string().max(16).regex(byteQuantity)]).meta(intOrString);

/** CPU cores: `2`, `"500m"` or `"1.5"`. */
export const cores = () =>
  z
    .union([
      z.int().min(1),
      z
        .string()
        .max(16)
        .regex(/^[0-9]+(\.[0-9]+)?m?$/),
    ])
    .meta(intOrString);

/** Bytes in a quantity that has passed the schema. */
export function parseBytes(quantity: string | number): number {
  const [, amount, suffix] = byteQuantity.exec(String(quantity)) ?? [];
  return Number(amount) * bytesPer[(suffix ?? '') as keyof typeof bytesPer];
}

/** Name of a Kubernetes object. */
export const objectName = (): z.ZodString =>
  z
    .string()
    .min(1)
    .max(253)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);

/** Key of a Secret or ConfigMap. */
export const dataKey = (): z.ZodString =>
  z
    .string()
    .min(1)
    .max(253)
    .regex(/^[-._a-zA-Z0-9]+$/);

/** Folder on a mounted volume, relative and without a way out of it. */
export const volumePath = (field: string): z.ZodString =>
  withRules(z.string().min(1).max(1024).regex(/^[^/]/), {
    cel: `!self.split('/').exists(part, part == '..')`,
    message: `${field} must be a relative path without ".."`,
    holds: (path) => !path.split('/').includes('..'),
  });

export const time = () => z.iso.datetime();
export const count = () => z.int().min(0);

/** The API server blames the second of two equal items, and so do we. */
const unique =
  <T>(keyOf: (item: T) => unknown) =>
  ({ value, issues }: z.core.ParsePayload<T[]>): void => {
    const keys = value.map(keyOf);
    for (const [index, key] of keys.entries()) {
      if (keys.indexOf(key) === index) continue;
      issues.push({ code: 'custom', input: value, path: [index], message: 'is there twice: leave one out' });
    }
  };

/** A list of which each item is known by a key; the API server merges such lists by it on apply. */
export function listByKey<T extends z.ZodObject>(item: T, key: string & keyof z.output<T>, min: number, max: number) {
  return z
    .array(item)
    .min(min)
    .max(max)
    .check(unique((one) => one[key]))
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] });
}

export function setOf<T extends z.ZodType<string>>(item: T, min: number, max: number) {
  return z
    .array(item)
    .min(min)
    .max(max)
    .check(unique((one) => one))
    .meta({ 'x-kubernetes-list-type': 'set' });
}

export function mapOf<T extends z.ZodType>(value: T, max: number) {
  return z
    .record(z.string().min(1).max(317), value)
    .refine((map) => Object.keys(map).length <= max, { error: `at most ${max} entries` })
    .meta({ maxProperties: max });
}
