import { z } from 'zod';
import { atMostOneOf, withRules } from '../rules.ts';
import { decimal } from '../scalars.ts';

/** How it is trained. Nothing has a default of the API server: a preset must be told from what the user wrote. */
export const training = withRules(
  z.strictObject({
    epochs: decimal('training.epochs', { above: 0, max: 1000 })
      .optional()
      .describe('Passes over the rows; 3 if not given.'),
    maxSteps: z
      .int()
      .min(1)
      .max(10_000_000)
      .optional()
      .describe('Steps, in place of epochs, also of those of a preset.'),
    perDeviceBatchSize: z
      .int()
      .min(1)
      .max(1024)
      .optional()
      .describe('Rows that one device takes at a time; 4 if not given.'),
    gradientAccumulationSteps: z
      .int()
      .min(1)
      .max(4096)
      .optional()
      .describe('Batches that make one step; 1 if not given.'),
    learningRate: decimal('training.learningRate', { above: 0, max: 1 })
      .optional()
      .describe(
        'Peak learning rate; if not given that of the method: for LoRA and its kin 2e-4 times 4096 through the width of the model, at most 2e-3; 3e-3 for IA3 and prompts, 2e-5 for whole models.',
      ),
    scheduler: z
      .enum(['cosine', 'linear', 'constant', 'constant_with_warmup', 'wsd', 'reduce_on_plateau'])
      .optional()
      .describe(
        'How the learning rate goes on after the warmup; "wsd": it stays, and falls over the last tenth of the steps; "reduce_on_plateau": it is halved where the loss on validation rows stands still; cosine if not given.',
      ),
    warmup: decimal('training.warmup', { min: 0, max: 1 })
      .optional()
      .describe('Share of the steps that warm up, at most a tenth of them; 0.03 if not given.'),
    warmupSteps: z
      .int()
      .min(0)
      .max(1_000_000)
      .optional()
      .describe('Steps that warm up, in place of "warmup", at most a tenth of all.'),
    optimizer: z
      .enum(['AdamW', 'AdamW8bit', 'PagedAdamW8bit', 'Adafactor', 'SGD'])
      .optional()
      .describe(
        '"AdamW8bit" keeps its state in a quarter of the memory, "PagedAdamW8bit" in host memory too where a GPU has too little; AdamW if not given.',
      ),
    weightDecay: decimal('training.weightDecay', { min: 0, max: 1 })
      .optional()
      .describe('Weight decay; 0.01 if not given.'),
    maxGradNorm: decimal('training.maxGradNorm', { above: 0, max: 1000 })
      .optional()
      .describe('Longer gradients are cut; 1.0 if not given.'),
    maxLength: z.int().min(16).max(1_048_576).optional().describe('Tokens of a row at the most; 1024 if not given.'),
    truncation: z
      .enum(['drop', 'trimHistory', 'split'])
      .optional()
      .describe(
        'Longer rows. "drop": left out; "trimHistory": without their oldest turns; "split": cut into windows that each train other tokens; drop if not given.',
      ),
    packing: z
      .boolean()
      .optional()
      .describe(
        'Put several rows into one of "maxLength" tokens, without padding and without one seeing another; false if not given.',
      ),
    domainWeight: decimal('training.domainWeight', { above: 0, max: 1 })
      .optional()
      .describe(
        'Probability that a trained token is of a row about the documents; the others are of general rows. Each row comes once an epoch if not given.',
      ),
    chatTemplate: z
      .enum(['auto', 'chatml', 'alpaca'])
      .optional()
      .describe(
        '"auto": that of the tokenizer, or alpaca for a base model without one; "chatml" marks turns by two tokens, whose embeddings are trained; "alpaca" marks them by words; auto if not given.',
      ),
    precision: z
      .enum(['auto', 'bf16', 'fp16', 'fp32'])
      .optional()
      .describe('"auto": bf16 where the device has it, else fp16 on a GPU, else fp32; auto if not given.'),
    gradientCheckpointing: z
      .boolean()
      .optional()
      .describe(
        'Trade a third more time for much less memory; if not given, where the run would not fit its GPU without it.',
      ),
    attention: z
      .enum(['Auto', 'Eager', 'Sdpa', 'FlashAttention2'])
      .optional()
      .describe(
        'How attention is computed; "FlashAttention2" needs a GPU and an image with flash-attn; Auto, the best that the base model and transformers have, if not given.',
      ),
    deterministic: z
      .boolean()
      .optional()
      .describe(
        'Only algorithms that give the same numbers each time, also on a GPU, where they are slower; false if not given.',
      ),
    tf32: z
      .boolean()
      .optional()
      .describe('Products of fp32 in TF32 on GPUs that have it: faster, with fewer digits; true if not given.'),
    compile: z
      .boolean()
      .optional()
      .describe('Compile the model on a GPU, in runs of 500 steps or more; false if not given.'),
    neftuneAlpha: decimal('training.neftuneAlpha', { above: 0, max: 100 })
      .optional()
      .describe('NEFTune: strength of the noise on the embeddings, commonly 5; none if not given.'),
    dropout: decimal('training.dropout', { min: 0, max: 0.9 })
      .optional()
      .describe('Dropout of the base model, where its architecture has any; as its configuration says if not given.'),
    seed: z.int().min(0).max(4294967295).optional().describe('Seed of every draw; 42 if not given.'),
    skipKnown: decimal('training.skipKnown', { above: 0, max: 1 })
      .optional()
      .describe(
        'Answer tokens that the model says already with at least this probability are left as they are in that step: it forgets less for what it learns; 0.7 if not given; 1, as in every preset, trains all tokens.',
      ),
    textWeight: decimal('training.textWeight', { min: 0, max: 0.5 })
      .optional()
      .describe(
        'Share of the trained tokens about the documents that is their running text, read beside the rows, so that a model learns how they are written rather than a few answers by heart; 0.15 if not given and the dataset has the text; 0 in every preset.',
      ),
    replay: decimal('training.replay', { min: 0, max: 4 })
      .optional()
      .describe(
        'General rows for each row of the dataset, on which the model is held to what it said before, so that it forgets less; 0 if not given.',
      ),
    attentionProbe: z
      .boolean()
      .optional()
      .describe(
        'Write to TensorBoard where attention goes in four validation rows at each look; it takes memory by the square of their length; false if not given.',
      ),
    loggingSteps: z.int().min(1).max(100_000).optional().describe('Steps between two reports; 5 if not given.'),
    evalSteps: z
      .int()
      .min(1)
      .max(10_000_000)
      .optional()
      .describe(
        'Steps between two looks at the validation rows, counted in each stage; about ten looks a stage if not given, and no fewer with spec.earlyStopping. A run without stages is one.',
      ),
  }),
  atMostOneOf('training', 'epochs', 'maxSteps'),
  atMostOneOf('training', 'warmup', 'warmupSteps'),
);
