import { z } from 'zod';
import { setOf } from '../scalars.ts';

const variable = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[a-zA-Z][\w.]*$/);

export const experiment = z.strictObject({
  variables: setOf(variable, 1, 4).describe(
    'Fields in which the trainings of the tuned model and of spec.candidates may differ, such as "training.learningRate", "lora" or "dataset".',
  ),
});
