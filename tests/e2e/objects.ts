/**
 * Objects as a user would write them, in as few fields as possible. Trainings and evaluations ask for little of a CPU, so
 * that a node of two cores takes all pods that are to run at a time: both pods of two gangs, and those of two test files.
 */
const resources = { cpu: '100m' };
const object = (kind: string, name: string, spec: object): object => ({
  apiVersion: 'doctune.dev/v1alpha1',
  kind,
  metadata: { name },
  spec,
});

export const docSource = (name: string, spec: object): object =>
  object('DocSource', name, { interval: '10m', ...spec });
export const dataset = (name: string, source: string, spec: object = {}): object =>
  object('Dataset', name, { sourceRefs: [{ name: source }], generator: { extractive: {} }, ...spec });
export const fineTuneJob = (
  name: string,
  rows: string,
  spec: { resources?: object; [field: string]: unknown } = {},
): object =>
  object('FineTuneJob', name, {
    datasetRef: { name: rows },
    baseModel: { builtIn: 'tiny' },
    ...spec,
    resources: { ...resources, ...spec.resources },
  });
export const evaluation = (name: string, job: string, spec: object = {}): object =>
  object('Evaluation', name, { jobRef: { name: job }, resources, ...spec });

export interface Observed {
  metadata: { name: string };
  status?: {
    phase?: string;
    conditions?: { type: string; status: string; reason: string; message: string }[];
    artifact?: { digest: string };
  };
}

export const readyOf = (
  observed: Observed | undefined,
): { status: string; reason: string; message: string } | undefined =>
  observed?.status?.conditions?.find(({ type }) => type === 'Ready');

/** `True`, or why it is not, so that a test that waits in vain says what it saw. */
export function readiness(observed: Observed | undefined): string {
  const condition = readyOf(observed);
  if (condition === undefined) return 'no condition yet';
  const { status, reason, message } = condition;
  return status === 'True' ? status : `${status} ${reason}: ${message}`;
}
