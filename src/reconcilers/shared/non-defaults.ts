import type { z } from 'zod';
import { structuralSchema } from '../../api/structural-schema.ts';
import type { JsonSchema } from '../../api/structural-schema.ts';
import { canonicalJson } from './hash.ts';

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function strip(value: unknown, schema: JsonSchema | undefined): unknown {
  if (!isObject(value) || !isObject(schema?.properties)) return value;
  const { properties } = schema;
  const members = Object.entries(value).flatMap(([name, member]) => {
    const field = properties[name] as JsonSchema | undefined;
    if (field?.default !== undefined && canonicalJson(field.default) === canonicalJson(member)) return [];
    return [[name, strip(member, field)] as const];
  });
  return Object.fromEntries(members);
}

/** Some fields of a spec; what it does not give is undefined. */
type Asked<Spec> = { [Field in keyof Spec]?: Spec[Field] | undefined };

/**
 * A function that leaves of a spec what differs from the defaults. Hashes are made of that: a field that a newer version
 * adds with a default must not make every object run again.
 */
export function nonDefaults<Spec>(schema: z.ZodType<Spec>): (spec: Asked<Spec>) => unknown {
  const structure = structuralSchema(schema, 'spec');
  return (spec) => strip(spec, structure);
}
