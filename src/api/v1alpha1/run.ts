import { z } from 'zod';
import { count, figure, listByKey, time } from './scalars.ts';

const runStates = ['Running', 'Succeeded', 'Failed'] as const;

/** The latest run. It outlives its Job, so a Job that is cleaned up is not run again. */
export const runFields = {
  name: z.string().max(63).describe('Name of the Job and of its ConfigMap.'),
  id: z.string().max(64).describe('Names the folder of the run in the store, with its checkpoints and caches.'),
  inputsHash: z.string().max(64).describe('Hash of all that decides the result; a new hash is a new run.'),
  requestedAt: z
    .string()
    .max(256)
    .optional()
    .describe('Value of "doctune.dev/reconcile-requested-at" that asked for it.'),
  generation: count().describe('Generation of the spec that the run was started with.'),
  state: z.enum(runStates).describe('How far the run is.'),
  startTime: time().optional().describe('When its Job was started.'),
  completionTime: time().optional().describe('When its Job came to an end.'),
  reason: z.string().max(64).optional().describe('Why the run failed, as one word.'),
  message: z.string().max(1024).optional().describe('Why the run failed, and what to do.'),
  exitCode: z
    .int()
    .min(0)
    .max(255)
    .optional()
    .describe('Exit code of the worker that failed; docs/reference/exit-codes.md says what each means.'),
};

export const run = z.strictObject(runFields);
export type Run = z.infer<typeof run>;

const metric = z.strictObject({
  name: z.string().min(1).max(64).describe('Name as the worker sent it.'),
  value: figure().describe('Value as the worker sent it.'),
});

/** The last report of the worker, in the form of Kubeflow's KEP-2779. */
export const trainerStatus = z.strictObject({
  run: z.string().max(63).optional().describe('Run that sent the report.'),
  progressPercentage: z.int().min(0).max(100).optional().describe('Progress in percent.'),
  estimatedRemainingSeconds: count().optional().describe('Seconds until the end, as the worker estimates them.'),
  metrics: listByKey(metric, 'name', 0, 64).optional().describe('All metrics of the report.'),
  lastUpdatedTime: time().describe('When the worker wrote the report.'),
});
export type TrainerStatus = z.infer<typeof trainerStatus>;

/** Progress of the run, written by the progress server. */
export const progressFields = {
  percent: z.int().min(0).max(100).optional().describe('Progress in percent.'),
  remainingSeconds: count().optional().describe('Seconds until the end, as the worker estimates them.'),
};
