import type { FineTuneJobSpec } from '../../../api/v1alpha1/index.ts';
import type { TrainParameters } from '../../../contract/inputs.ts';
import { gangOf } from '../../shared/gang.ts';
import { canonicalJson } from '../../shared/hash.ts';
import { defaults } from './defaults.ts';
import { presets, withSeveral, withoutGpu } from './presets.ts';

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

const earlyStoppingDefaults = { patience: 3, minDelta: 0 };
const quantizationDefaults = { bits: 4, doubleQuant: true };

/** Early stopping is a whole that is there or not: a patience of 0 takes it away, and any other field makes it. */
function withEarlyStopping(parameters: Json): Json {
  const { earlyStopping } = parameters;
  if (!isObject(earlyStopping)) return parameters;
  const whole = { ...earlyStoppingDefaults, ...earlyStopping };
  return { ...parameters, earlyStopping: whole.patience === 0 ? null : whole };
}

/** Weights in fewer bits are a whole that is there or not. */
function withQuantization(parameters: Json): Json {
  const { quantization } = parameters;
  return isObject(quantization)
    ? { ...parameters, quantization: { ...quantizationDefaults, ...quantization } }
    : parameters;
}

/** A run to go on from is a whole that is there or not. Its name may look like a number. */
function withResume(parameters: Json, asked: unknown): Json {
  const { resumeFrom } = asked as Json;
  return isObject(resumeFrom) ? { ...parameters, resumeFrom: { step: null, ...resumeFrom } } : parameters;
}

const positionsDefaults = { init: 'Interpolate' };

/** Longer tables of positions are a whole that is there or not. */
function withPositions(parameters: Json): Json {
  const { context } = parameters;
  return isObject(context) && isObject(context.positions)
    ? { ...parameters, context: { ...context, positions: { ...positionsDefaults, ...context.positions } } }
    : parameters;
}

const stageDefaults = {
  ...{ name: null, maxLength: null, learningRate: null, epochs: null, maxSteps: null },
  ...{ domainWeight: null, unfreeze: null },
};

/** A stage has all its fields in the contract. */
function withStages(parameters: Json): Json {
  const { stages } = parameters;
  return Array.isArray(stages)
    ? { ...parameters, stages: stages.map((stage) => merge(stageDefaults, stage)) }
    : parameters;
}

/** A share of the steps that the spec asks for takes the place of the number that its preset has. */
function withWarmup(parameters: Json, asked: unknown): Json {
  const { training } = asked as Json;
  const isShare = isObject(training) && training.warmup !== undefined && training.warmupSteps === undefined;
  return isShare ? { ...parameters, training: { ...(parameters.training as Json), warmupSteps: null } } : parameters;
}

/** Stages of the spec that unfreeze layers take the place of the steps between two layers that its preset has. */
function withUnfreezing(parameters: Json, asked: unknown): Json {
  const { stages, freeze } = asked as Json;
  const unfreezes = Array.isArray(stages) && stages.some((stage) => isObject(stage) && stage.unfreeze !== undefined);
  const isByStage = unfreezes && !(isObject(freeze) && freeze.unfreezeEverySteps !== undefined);
  return isByStage
    ? { ...parameters, freeze: { ...(parameters.freeze as Json), unfreezeEverySteps: null } }
    : parameters;
}

/** Each layer lies on top of the one before. */
function layered(...layers: readonly unknown[]): TrainParameters {
  const merged = layers.reduce(merge, defaults) as Json;
  const whole = withPositions(withStages(withQuantization(withEarlyStopping(merged))));
  const asked = layers.at(-1);
  return withUnfreezing(withWarmup(withResume(whole, asked), asked), asked) as unknown as TrainParameters;
}

/** A group without a member that shapes no training: where an adapter is pushed to, and what the operator watches. */
const without = (group: object | undefined, name: string): Json | undefined =>
  group && Object.fromEntries(Object.entries(group).filter(([member]) => member !== name));

function written(spec: FineTuneJobSpec): Json {
  const asked: Json = {
    ...spec,
    output: without(spec.output, 'oci'),
    watchdog: without(spec.watchdog, 'minThroughput'),
  };
  return Object.fromEntries(Object.keys(defaults).map((group) => [group, asked[group]]));
}

const presetOf = ({ preset }: FineTuneJobSpec) => (preset === undefined ? {} : presets[preset]);

const hasDevice = ({ resources: { gpus, resourceClaims = [] } }: FineTuneJobSpec): boolean =>
  gpus > 0 || resourceClaims.length > 0;

/** All parameters of a training: what the spec says, then its preset, then the defaults. Pure. */
export function parametersOf(spec: FineTuneJobSpec): TrainParameters {
  const { preset } = spec;
  if (preset === undefined) return layered(written(spec));
  const device = hasDevice(spec) ? {} : withoutGpu[preset];
  const processes = gangOf(spec.resources) === undefined ? {} : (withSeveral[preset] ?? {});
  const parameters = layered(presets[preset], device, processes, written(spec));
  // not among what decides: whom it makes train was refused before
  const isDomainWeightOptional =
    presets[preset].training?.domainWeight !== undefined && spec.training?.domainWeight === undefined;
  return { ...parameters, training: { ...parameters.training, isDomainWeightOptional } };
}

function difference(value: unknown, from: unknown): unknown {
  if (!isObject(value) || !isObject(from)) return value;
  const members = Object.entries(value).filter(([name, member]) => canonicalJson(member) !== canonicalJson(from[name]));
  return Object.fromEntries(members.map(([name, member]) => [name, difference(member, from[name])]));
}

/**
 * Parameters that decide the adapter, as far as they differ from the defaults: a parameter that a newer version adds
 * must not make every object run again. How often a run is saved or reported is not among them, nor is on what machine.
 */
export function decidingParameters(spec: FineTuneJobSpec): unknown {
  const parameters = layered(presetOf(spec), written(spec));
  const { checkpoint, training } = defaults;
  const { loggingSteps } = training;
  return difference({ ...parameters, checkpoint, training: { ...parameters.training, loggingSteps } }, defaults);
}
