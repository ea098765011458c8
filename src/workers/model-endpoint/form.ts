import { z } from 'zod';
import type { JsonForm } from './question.ts';

/** What an answer must be, and how it is read. */
export interface Form<T> extends JsonForm {
  read(value: unknown): { value: T } | { problem: string };
}

/** A form by a zod schema. Keys that models add of their own are left out: asking again would cost more than they harm. */
export function formOf<T>(name: string, schema: z.ZodType<T>): Form<T> {
  const json: Record<string, unknown> = z.toJSONSchema(schema);
  // strict endpoints refuse keys that are not of the schema itself
  delete json['$schema'];
  return {
    name,
    json,
    read(value) {
      const { success, data, error } = schema.safeParse(value);
      if (success) return { value: data };
      if (dropUnknownKeys(value, error)) return this.read(value);
      const issue = error.issues[0];
      return { problem: `field "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'wrong'}` };
    },
  };
}

/** Whether there were any. */
function dropUnknownKeys(value: unknown, error: z.ZodError): boolean {
  const unknown = error.issues.filter((issue) => issue.code === 'unrecognized_keys');
  for (const { path, keys } of unknown) {
    const holder = path.reduce((at, step) => (at as Record<PropertyKey, unknown>)[step], value);
    for (const key of keys) Reflect.deleteProperty(holder as object, key);
  }
  return unknown.length > 0;
}
