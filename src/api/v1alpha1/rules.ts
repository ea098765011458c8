import type { z } from 'zod';

/** One rule in both forms: CEL for the API server, a predicate for the parser. A test checks that they agree. */
export interface Rule<T> {
  cel: string;
  /** names the field and the remedy */
  message: string;
  holds: (value: T) => boolean;
}

/** Refinements are invisible to the API server and CEL is invisible to zod, so every rule is attached twice. */
export function withRules<S extends z.ZodType>(schema: S, ...rules: readonly Rule<z.output<S>>[]): S {
  const refined = rules.reduce<S>((current, rule) => current.refine(rule.holds, { error: rule.message }), schema);
  return refined.meta({ 'x-kubernetes-validations': rules.map(({ cel, message }) => ({ rule: cel, message })) });
}

const isGiven = (value: object, member: string): boolean => (value as Record<string, unknown>)[member] !== undefined;

/** Rule for an object that stands for a choice: structural schemas know no discriminated union. */
export function exactlyOneOf<T extends object>(field: string, ...members: readonly (string & keyof T)[]): Rule<T> {
  const given = members.map((member) => `has(self.${member})`).join(', ');
  return {
    cel: `[${given}].filter(given, given).size() == 1`,
    message: `${field} takes exactly one of ${members.map((member) => `"${member}"`).join(', ')}`,
    holds: (value) => members.filter((member) => isGiven(value, member)).length === 1,
  };
}

export function atMostOneOf<T extends object>(field: string, ...members: readonly (string & keyof T)[]): Rule<T> {
  const given = members.map((member) => `has(self.${member})`).join(', ');
  return {
    cel: `[${given}].filter(given, given).size() <= 1`,
    message: `${field} takes at most one of ${members.map((member) => `"${member}"`).join(', ')}`,
    holds: (value) => members.filter((member) => isGiven(value, member)).length <= 1,
  };
}
