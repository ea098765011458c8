import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

/** What the API server does not know of, or forbids in a structural schema. */
const refused = ['$ref', 'oneOf', 'not', 'if', 'prefixItems', 'patternProperties'] as const;

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const without = (schema: JsonSchema, keywords: readonly string[]): JsonSchema =>
  Object.fromEntries(Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword)));

/** Structural schemas know integer-or-string in one form only; what bounds the members goes beside it. */
function intOrString({ anyOf, ...rest }: JsonSchema): JsonSchema {
  const members = Array.isArray(anyOf) ? anyOf.filter(isSchema) : [];
  const bounds = members.map((member) => without(member, ['type', 'maximum']));
  return Object.assign({}, rest, ...bounds, { anyOf: [{ type: 'integer' }, { type: 'string' }] }) as JsonSchema;
}

/** zod bounds integers by what a JavaScript number holds exactly, which says nothing about the field. */
function withoutNumberLimits(schema: JsonSchema): JsonSchema {
  if (schema.type !== 'integer') return schema;
  const { minimum, maximum, ...rest } = schema;
  return {
    ...rest,
    format: 'int64',
    ...(minimum === Number.MIN_SAFE_INTEGER ? {} : { minimum }),
    ...(maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }),
  };
}

function convertMembers(schema: JsonSchema, path: string): JsonSchema {
  const { properties, items, additionalProperties } = schema;
  const members: JsonSchema = {};
  if (isSchema(properties)) {
    const converted = Object.entries(properties).map(([name, member]) => [name, convert(member, `${path}.${name}`)]);
    members.properties = Object.fromEntries(converted) as JsonSchema;
  }
  if (isSchema(items)) members.items = convert(items, `${path}[]`);
  if (isSchema(additionalProperties)) members.additionalProperties = convert(additionalProperties, `${path}{}`);
  return members;
}

/** The API server checks the rules of an object against its default before the defaults of its members are filled in. */
function filledDefault(schema: JsonSchema): JsonSchema {
  if (!isSchema(schema.default) || !isSchema(schema.properties)) return schema;
  const inner = Object.entries(schema.properties).flatMap(([name, member]) =>
    isSchema(member) && member.default !== undefined ? [[name, member.default] as const] : [],
  );
  return { ...schema, default: { ...Object.fromEntries(inner), ...schema.default } };
}

function checkPattern({ pattern }: JsonSchema, path: string): void {
  if (typeof pattern === 'string' && /\(\?[=!<]/.test(pattern)) {
    throw new Error(`${path}: the pattern looks around, which RE2 does not know: ${pattern}`);
  }
}

function convert(value: unknown, path: string): JsonSchema {
  if (!isSchema(value)) throw new Error(`${path}: not a schema`);
  const found = refused.find((keyword) => keyword in value);
  if (found !== undefined) throw new Error(`${path}: "${found}" has no structural form`);
  const rest = without(value, ['additionalProperties', 'propertyNames']);
  if (rest.anyOf !== undefined) {
    if (rest['x-kubernetes-int-or-string'] !== true) throw new Error(`${path}: "anyOf" has no structural form`);
    return intOrString(rest);
  }
  // the pattern of a time is written for JavaScript, and the API server checks the format itself
  if (rest.format === 'date-time') delete rest.pattern;
  checkPattern(rest, path);
  return filledDefault({ ...withoutNumberLimits(rest), ...convertMembers(value, path) });
}

/** The OpenAPI v3 schema of a zod schema, in the structural form that a CustomResourceDefinition takes. */
export function structuralSchema(schema: z.ZodType, path: string): JsonSchema {
  return convert(
    z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', reused: 'inline', cycles: 'throw' }),
    path,
  );
}
