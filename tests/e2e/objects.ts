/** Objects as a user would write them, in as few fields as possible. */
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
export const fineTuneJob = (name: string, rows: string, spec: object = {}): object =>
  object('FineTuneJob', name, { datasetRef: { name: rows }, baseModel: { builtIn: 'tiny' }, ...spec });
export const evaluation = (name: string, job: string, spec: object = {}): object =>
  object('Evaluation', name, { jobRef: { name: job }, ...spec });

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
