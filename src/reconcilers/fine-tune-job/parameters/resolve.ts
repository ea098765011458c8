import type { FineTuneJobSpec } from '../../../api/v1alpha1/index.ts';
import type { TrainParameters } from '../../../contract/inputs.ts';
import { canonicalJson } from '../../shared/hash.ts';
import { defaults } from './defaults.ts';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Decimals are strings in the API, since floats lose digits on their way, and numbers in the contract. */
const decimal = /^[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;
const plain = (value: unknown): unknown => (typeof value === 'string' && decimal.test(value) ? Number(value) : value);

/** `over` on top of `under`, member by member; lists replace each other whole. */
function merge(under: unknown, over: unknown): unknown {
  if (over === undefined) return under;
  if (!isObject(over)) return plain(over);
  const start = isObject(under) ? under : {};
  const members = Object.entries(over).map(([name, value]) => [name, merge(start[name], value)] as const);
  return { ...start, ...Object.fromEntries(members) };
}

/** All parameters of a training: what the spec says, then the defaults. Pure. */
export function parametersOf(spec: FineTuneJobSpec): TrainParameters {
  const asked: Json = spec;
  const given = Object.fromEntries(Object.keys(defaults).map((group) => [group, asked[group]]));
  return merge(defaults, given) as TrainParameters;
}

function difference(value: unknown, from: unknown): unknown {
  if (!isObject(value) || !isObject(from)) return value;
  const members = Object.entries(value).filter(([name, member]) => canonicalJson(member) !== canonicalJson(from[name]));
  return Object.fromEntries(members.map(([name, member]) => [name, difference(member, from[name])]));
}

/**
 * Parameters that decide the adapter, as far as they differ from the defaults: a parameter that a newer version adds
 * must not make every object run again. How often a run is saved or reported is not among them.
 */
export function decidingParameters(spec: FineTuneJobSpec): unknown {
  const { checkpoint: _, training, ...parameters } = parametersOf(spec);
  const { loggingSteps } = defaults.training;
  return difference({ ...parameters, training: { ...training, loggingSteps } }, defaults);
}
