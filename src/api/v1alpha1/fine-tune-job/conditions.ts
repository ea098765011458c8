import type { z } from 'zod';
import type { Rule } from '../rules.ts';
import type { method } from './method.ts';
import type { preset } from './preset.ts';

export type Method = z.output<typeof method>;

/** What conditions look at by name; others go by their path. */
export interface Written {
  resources: { gpus: number; nodes: number; resourceClaims?: readonly unknown[] | undefined };
  preset?: z.output<typeof preset> | undefined;
  method?: Method | undefined;
  lora?: { rank?: number | undefined } | undefined;
  adaLoRA?: { initialRank?: number | undefined } | undefined;
  training?: { replay?: string | undefined } | undefined;
  stages?: readonly { unfreeze?: number | undefined }[] | undefined;
}

/** A question about a spec in both forms of a rule; `cel` stands as it is between operators. */
export interface Condition {
  cel: string;
  is: (spec: Written) => boolean;
}

export const not = ({ cel, is }: Condition): Condition => ({ cel: `!${cel}`, is: (spec) => !is(spec) });

export const allOf = (...conditions: readonly Condition[]): Condition => ({
  cel: `(${conditions.map(({ cel }) => cel).join(' && ')})`,
  is: (spec) => conditions.every(({ is }) => is(spec)),
});

export const anyOf = (...conditions: readonly Condition[]): Condition => ({
  cel: `(${conditions.map(({ cel }) => cel).join(' || ')})`,
  is: (spec) => conditions.some(({ is }) => is(spec)),
});

/** Rule for what cannot be together. */
export function never(message: string, ...conditions: readonly Condition[]): Rule<Written> {
  const { cel, is } = not(allOf(...conditions));
  return { cel, message, holds: is };
}

type Value = string | number | boolean;
const literal = (value: Value): string => (typeof value === 'string' ? `'${value}'` : String(value));

function at(spec: Written, names: readonly string[]): unknown {
  return names.reduce<unknown>((under, name) => (under as Record<string, unknown> | undefined)?.[name], spec);
}

/** Whether the spec itself has a field, such as "training.compile", with one of the values if there are any. */
export function given(field: string, ...values: readonly Value[]): Condition {
  const names = field.split('.');
  const cel = names.map((_, index) => `has(self.${names.slice(0, index + 1).join('.')})`);
  if (values.length > 0) cel.push(`self.${field} in [${values.map(literal).join(', ')}]`);
  return {
    cel: `(${cel.join(' && ')})`,
    is: (spec) => {
      const value = at(spec, names);
      return value !== undefined && (values.length === 0 || values.includes(value as Value));
    },
  };
}

/** A device by count or by claim. */
export const hasGpu: Condition = {
  cel: '(self.resources.gpus > 0 || has(self.resources.resourceClaims) && self.resources.resourceClaims.size() > 0)',
  is: ({ resources: { gpus, resourceClaims = [] } }) => gpus > 0 || resourceClaims.length > 0,
};

/** One process a GPU; on CPUs, and with devices by claim alone, one a pod. */
export const hasSeveralProcesses: Condition = {
  cel: '(self.resources.gpus > 1 || self.resources.nodes > 1)',
  is: ({ resources: { gpus, nodes } }) => gpus > 1 || nodes > 1,
};

/** "Auto" where the trainer chooses it. Of the presets only "guide" leaves that to it, and "thesis" needs a GPU for its 4 bits. */
export function methodOf(spec: Written): Method {
  const { method, preset = 'guide' } = spec;
  if (method !== undefined || preset === 'guide') return method ?? 'Auto';
  return preset === 'thesis' && hasGpu.is(spec) ? 'QLoRA' : 'LoRA';
}
const celOfPreset = `!has(self.preset) || self.preset == 'guide' ? 'Auto' : self.preset == 'thesis' && ${hasGpu.cel} ? 'QLoRA' : 'LoRA'`;

/** Whether the method that the spec or its preset has is one of these. */
export const isMethod = (...names: readonly Method[]): Condition => ({
  cel: `((has(self.method) ? self.method : ${celOfPreset}) in [${names.map(literal).join(', ')}])`,
  is: (spec) => names.includes(methodOf(spec)),
});

/** Whether the base model is held in fewer bits, where that is known before the trainer chooses a method. */
export const isQuantized = anyOf(isMethod('QLoRA'), given('quantization'));

/** Whether the state of the optimizer is in 8 bits; with pages or without, the preset "overfit-aware" asks for that. */
export const hasEightBitState = anyOf(
  given('training.optimizer', 'AdamW8bit', 'PagedAdamW8bit'),
  allOf(not(given('training.optimizer')), given('preset', 'overfit-aware')),
);

export const isSharded = given('distributed.strategy', 'FSDP2', 'ZeRO1', 'ZeRO2', 'ZeRO3');
/** Of these strategies a process has a part of each weight. */
export const hasShardedWeights = given('distributed.strategy', 'FSDP2', 'ZeRO3');

export const hasReplay: Condition = {
  cel: '(has(self.training) && has(self.training.replay) && double(self.training.replay) > 0.0)',
  is: ({ training }) => Number(training?.replay ?? 0) > 0,
};

export const hasStages: Condition = {
  cel: '(has(self.stages) && self.stages.size() > 0)',
  is: ({ stages = [] }) => stages.length > 0,
};

export const unfreezesByStage: Condition = {
  cel: '(has(self.stages) && self.stages.exists(stage, has(stage.unfreeze)))',
  is: ({ stages = [] }) => stages.some(({ unfreeze }) => unfreeze !== undefined),
};
