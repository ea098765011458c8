import type { Rule } from '../rules.ts';
import {
  anyOf,
  given,
  hasEightBitState,
  hasGpu,
  hasReplay,
  hasSeveralProcesses,
  hasShardedWeights,
  hasStages,
  isMethod,
  isQuantized,
  isSharded,
  never,
  not,
  unfreezesByStage,
} from './conditions.ts';
import type { Written } from './conditions.ts';

/** Fields that cannot go together whatever the model is; the trainer has the others in `trainer/admission/combinations.py`. */
export const combinations: readonly Rule<Written>[] = [
  never(
    'training.precision "fp16" needs a GPU: set resources.gpus, or use "auto", "bf16" or "fp32"',
    given('training.precision', 'fp16'),
    not(hasGpu),
  ),
  never(
    'training.optimizer "PagedAdamW8bit" needs a GPU: set resources.gpus, or use "AdamW8bit"',
    given('training.optimizer', 'PagedAdamW8bit'),
    not(hasGpu),
  ),
  never(
    'training.attention "FlashAttention2" needs a GPU: set resources.gpus, or use "Auto"',
    given('training.attention', 'FlashAttention2'),
    not(hasGpu),
  ),
  never(
    'training.attention "FlashAttention2" computes in 16 bits and training.precision is "fp32": use "bf16", or attention "Auto"',
    given('training.attention', 'FlashAttention2'),
    given('training.precision', 'fp32'),
  ),
  never(
    'training.compile needs a GPU: set resources.gpus, or leave it out',
    given('training.compile', true),
    not(hasGpu),
  ),
  never(
    'training.compile chooses kernels by trying them, which training.deterministic forbids: leave one of them out',
    given('training.compile', true),
    given('training.deterministic', true),
  ),
  never(
    'distributed.strategy "FSDP2", "ZeRO1", "ZeRO2" and "ZeRO3" need GPUs: use "DDP" or "Auto" on CPUs, or set resources.gpus',
    isSharded,
    not(hasGpu),
  ),
  never(
    'distributed.strategy "FSDP2", "ZeRO1", "ZeRO2" and "ZeRO3" share a model between processes, and there is one: raise resources.gpus or resources.nodes, or leave it out',
    isSharded,
    not(hasSeveralProcesses),
  ),
  never(
    'training.optimizer "AdamW8bit" and "PagedAdamW8bit" (that of preset "overfit-aware") cannot step parts of weights, which this distributed.strategy makes: use "AdamW", or strategy "DDP"',
    hasEightBitState,
    isSharded,
  ),
  never(
    'method "QLoRA" (that of preset "thesis", and of spec.quantization) holds weights in fewer bits, which distributed.strategy "FSDP2" and "ZeRO3" cannot share: use "DDP", or method "LoRA"',
    isQuantized,
    hasShardedWeights,
  ),
  never(
    'training.attentionProbe looks into a whole model, of which distributed.strategy "FSDP2" and "ZeRO3" leave each process a part: leave it out, or use strategy "DDP"',
    given('training.attentionProbe', true),
    hasShardedWeights,
  ),
  never(
    'method "AdaLoRA" changes what is trained in the course of a run, which several processes cannot do together: set resources.gpus to 1 and resources.nodes to 1, or use another method',
    isMethod('AdaLoRA'),
    hasSeveralProcesses,
  ),
  never(
    'freeze.unfreezeEverySteps and stages.unfreeze change what is trained in the course of a run, which several processes cannot do together: set resources.gpus to 1 and resources.nodes to 1, or leave them out',
    isMethod('Freeze'),
    anyOf(given('freeze.unfreezeEverySteps'), unfreezesByStage),
    hasSeveralProcesses,
  ),
  never(
    'training.replay asks the base model beside the tuned one, of which method "Full", "Freeze" and "PromptTuning" keep no copy: use "LoRA" or "QLoRA", or leave it out',
    hasReplay,
    isMethod('Full', 'Freeze', 'PromptTuning'),
  ),
  never(
    'training.replay needs the whole model in each process, which this distributed.strategy shares: leave it out, or use strategy "DDP"',
    hasReplay,
    isSharded,
  ),
  never(
    'training.replay holds the model to what it says without its adapter, and with lora.init "pissa", "olora" and "loftq" that is not what its base model says: use "default", or leave replay out',
    hasReplay,
    given('lora.init', 'pissa', 'olora', 'loftq'),
  ),
  never(
    'output: method "PromptTuning" adds no weights that could be merged: leave merged, gguf, onnx and torchScript out, or use another method',
    isMethod('PromptTuning'),
    anyOf(
      given('output.merged', true),
      given('output.gguf'),
      given('output.onnx', true),
      given('output.torchScript', true),
    ),
  ),
  never(
    'method "IA3" and "PromptTuning" cannot train the new positions of context.positions: use "LoRA", or another method with matrices or whole weights',
    isMethod('IA3', 'PromptTuning'),
    given('context.positions'),
  ),
  never(
    'spec.quantization is for method "QLoRA": set spec.method to it or to "Auto", or leave quantization out',
    given('quantization'),
    not(isMethod('Auto', 'QLoRA')),
  ),
  never(
    'lora.init "pissa" and "olora" take weights out of the base model, which method "QLoRA" holds in fewer bits: use "default" or "loftq", or method "LoRA"',
    isQuantized,
    given('lora.init', 'pissa', 'olora'),
  ),
  never(
    'lora.init "pissa" and "olora" begin with a rank that stays, of which method "AdaLoRA" takes some: use "default", or method "LoRA"',
    isMethod('AdaLoRA'),
    given('lora.init', 'pissa', 'olora'),
  ),
  never(
    'lora.init "loftq" makes up for what 4 bits take from the base model: set spec.method to "QLoRA", or leave lora.init out',
    given('lora.init', 'loftq'),
    not(isQuantized),
  ),
  never(
    'lora.init "loftq" makes up for what 4 bits take from the base model, and quantization.bits is 8: use 4, or leave lora.init out',
    given('lora.init', 'loftq'),
    given('quantization.bits', 8),
  ),
  never(
    'spec takes "resumeFrom" for the same data or "initAdapterFrom" for new data, not both',
    given('resumeFrom'),
    given('initAdapterFrom'),
  ),
  never(
    'initAdapterFrom needs a method with an adapter: set another spec.method, or name the model as spec.baseModel',
    given('initAdapterFrom'),
    isMethod('Full', 'Freeze'),
  ),
  never(
    'training.maxSteps is for a run without stages: give maxSteps in each of spec.stages',
    hasStages,
    given('training.maxSteps'),
  ),
  never(
    'stages.unfreeze is for method "Freeze": set spec.method, or leave it out',
    unfreezesByStage,
    not(isMethod('Freeze')),
  ),
  never(
    'stages.unfreeze and freeze.unfreezeEverySteps are two ways to the same: leave one out',
    unfreezesByStage,
    given('freeze.unfreezeEverySteps'),
  ),
];
