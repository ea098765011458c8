import { z } from 'zod';

/** Hyperparameters of five published sources, under the names by which docs/kinds/finetunejob.md lists them. */
export const preset = z.enum(['thesis', 'report', 'overfit-aware', 'deepseek', 'guide']);
export type Preset = z.output<typeof preset>;
