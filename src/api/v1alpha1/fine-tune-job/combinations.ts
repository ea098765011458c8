import type { z } from 'zod';
import type { Rule } from '../rules.ts';
import type { initAdapterFrom, resumeFrom } from './going-on.ts';
import type { lora } from './lora.ts';
import type { freeze, method, quantization } from './method.ts';
import type { preset } from './preset.ts';
import type { stages } from './stages.ts';
import type { training } from './training.ts';

type Training = z.output<typeof training>;

/** What the rules look at. */
interface Combined {
  quantization?: z.output<typeof quantization> | undefined;
  resources: { gpus: number; resourceClaims?: readonly unknown[] | undefined };
  resumeFrom?: z.output<typeof resumeFrom> | undefined;
  initAdapterFrom?: z.output<typeof initAdapterFrom> | undefined;
  method?: z.output<typeof method> | undefined;
  freeze?: z.output<typeof freeze> | undefined;
  lora?: z.output<typeof lora> | undefined;
  preset?: z.output<typeof preset> | undefined;
  training?: Training | undefined;
  stages?: z.output<typeof stages> | undefined;
}

/** Fields that cannot go together whatever the model is; the trainer has the others in `trainer/admission/combinations.py`. */
const needsGpu = (has: string, message: string, asks: (training: Training) => boolean): Rule<Combined> => ({
  cel: `self.resources.gpus > 0 || has(self.resources.resourceClaims) || !has(self.training) || !(${has})`,
  message,
  holds: ({ resources, training }) =>
    resources.gpus > 0 || resources.resourceClaims !== undefined || training === undefined || !asks(training),
});

export const combinations: readonly Rule<Combined>[] = [
  needsGpu(
    `has(self.training.precision) && self.training.precision == 'fp16'`,
    'training.precision "fp16" needs a GPU: set resources.gpus, or use "auto", "bf16" or "fp32"',
    ({ precision }) => precision === 'fp16',
  ),
  needsGpu(
    `has(self.training.optimizer) && self.training.optimizer == 'PagedAdamW8bit'`,
    'training.optimizer "PagedAdamW8bit" needs a GPU: set resources.gpus, or use "AdamW8bit"',
    ({ optimizer }) => optimizer === 'PagedAdamW8bit',
  ),
  needsGpu(
    `has(self.training.attention) && self.training.attention == 'FlashAttention2'`,
    'training.attention "FlashAttention2" needs a GPU: set resources.gpus, or use "Auto"',
    ({ attention }) => attention === 'FlashAttention2',
  ),
  needsGpu(
    'has(self.training.compile) && self.training.compile',
    'training.compile needs a GPU: set resources.gpus, or leave it out',
    ({ compile }) => compile === true,
  ),
  {
    cel: '!has(self.training) || !has(self.training.compile) || !self.training.compile || !has(self.training.deterministic) || !self.training.deterministic',
    message:
      'training.compile chooses kernels by trying them, which training.deterministic forbids: leave one of them out',
    holds: ({ training }) => training?.compile !== true || training.deterministic !== true,
  },
  {
    cel: `!has(self.quantization) || !has(self.method) || self.method in ['Auto', 'QLoRA']`,
    message: 'spec.quantization is for method "QLoRA": set spec.method to it or to "Auto", or leave quantization out',
    holds: ({ quantization, method = 'Auto' }) => quantization === undefined || method === 'Auto' || method === 'QLoRA',
  },
  {
    cel: `!has(self.method) || self.method != 'QLoRA' || !has(self.lora) || !has(self.lora.init) || !(self.lora.init in ['pissa', 'olora'])`,
    message:
      'lora.init "pissa" and "olora" take weights out of the base model, which method "QLoRA" holds in fewer bits: use "default" or "loftq", or method "LoRA"',
    holds: ({ method, lora }) => method !== 'QLoRA' || (lora?.init !== 'pissa' && lora?.init !== 'olora'),
  },
  {
    cel: `!has(self.method) || self.method != 'AdaLoRA' || !has(self.lora) || !has(self.lora.init) || !(self.lora.init in ['pissa', 'olora'])`,
    message:
      'lora.init "pissa" and "olora" begin with a rank that stays, of which method "AdaLoRA" takes some: use "default", or method "LoRA"',
    holds: ({ method, lora }) => method !== 'AdaLoRA' || (lora?.init !== 'pissa' && lora?.init !== 'olora'),
  },
  {
    // a preset may have the method, which the trainer knows
    cel: `!has(self.lora) || !has(self.lora.init) || self.lora.init != 'loftq' || (has(self.method) && self.method != 'Auto' ? self.method == 'QLoRA' : has(self.quantization) || (has(self.preset) && !has(self.method)))`,
    message:
      'lora.init "loftq" makes up for what 4 bits take from the base model: set spec.method to "QLoRA", or leave lora.init out',
    holds: ({ method, lora, quantization, preset }) =>
      lora?.init !== 'loftq' ||
      (method !== undefined && method !== 'Auto'
        ? method === 'QLoRA'
        : quantization !== undefined || (preset !== undefined && method === undefined)),
  },
  {
    cel: `!has(self.lora) || !has(self.lora.init) || self.lora.init != 'loftq' || !has(self.quantization) || !has(self.quantization.bits) || self.quantization.bits == 4`,
    message:
      'lora.init "loftq" makes up for what 4 bits take from the base model, and quantization.bits is 8: use 4, or leave lora.init out',
    holds: ({ lora, quantization }) => lora?.init !== 'loftq' || (quantization?.bits ?? 4) === 4,
  },
  {
    cel: '!has(self.resumeFrom) || !has(self.initAdapterFrom)',
    message: 'spec takes "resumeFrom" for the same data or "initAdapterFrom" for new data, not both',
    holds: ({ resumeFrom, initAdapterFrom }) => resumeFrom === undefined || initAdapterFrom === undefined,
  },
  {
    cel: `!has(self.initAdapterFrom) || !has(self.method) || !(self.method in ['Full', 'Freeze'])`,
    message:
      'initAdapterFrom needs a method with an adapter: set another spec.method, or name the model as spec.baseModel',
    holds: ({ initAdapterFrom, method }) => initAdapterFrom === undefined || (method !== 'Full' && method !== 'Freeze'),
  },
  {
    cel: '!has(self.stages) || self.stages.size() == 0 || !has(self.training) || !has(self.training.maxSteps)',
    message: 'training.maxSteps is for a run without stages: give maxSteps in each of spec.stages',
    holds: ({ stages = [], training }) => stages.length === 0 || training?.maxSteps === undefined,
  },
  {
    cel: `!has(self.stages) || !self.stages.exists(stage, has(stage.unfreeze)) || (has(self.method) && self.method == 'Freeze')`,
    message: 'stages.unfreeze is for method "Freeze": set spec.method, or leave it out',
    holds: ({ stages = [], method }) => method === 'Freeze' || stages.every(({ unfreeze }) => unfreeze === undefined),
  },
  {
    cel: '!has(self.stages) || !self.stages.exists(stage, has(stage.unfreeze)) || !has(self.freeze) || !has(self.freeze.unfreezeEverySteps)',
    message: 'stages.unfreeze and freeze.unfreezeEverySteps are two ways to the same: leave one out',
    holds: ({ stages = [], freeze }) =>
      freeze?.unfreezeEverySteps === undefined || stages.every(({ unfreeze }) => unfreeze === undefined),
  },
];
