import { parseDuration } from '../../api/v1alpha1/index.ts';
import type { EvaluationSpec } from '../../api/v1alpha1/index.ts';
import type { EvaluateInput } from '../../contract/inputs.ts';
import { environment } from '../../contract/environment.ts';
import { endpointInput } from '../shared/endpoint.ts';
import { configReference, endpointReferences, fileReference } from '../shared/references.ts';
import type { Reference } from '../shared/references.ts';
import type { DesiredRun } from '../shared/run.ts';

/** Every endpoint that the spec names, with its field. */
export const endpointsOf = ({ judge, serving }: EvaluationSpec) =>
  [
    { field: 'spec.judge.openai', endpoint: judge?.openai },
    { field: 'spec.serving.openai', endpoint: serving?.openai },
  ].flatMap(({ field, endpoint }) => (endpoint === undefined ? [] : [{ field, endpoint }]));

const benchmarkField = (name: string): string => `spec.benchmarks["${name}"]`;
const benchmarkFolder = (name: string): string => `${environment.files.path}/benchmarks-${name}`;

export const benchmarkInputs = ({ benchmarks }: EvaluationSpec): EvaluateInput['benchmarks'] =>
  benchmarks.map(({ name, maxItems, chatTemplate, digest }) => ({
    ...{ name, maxItems, chatTemplate, path: benchmarkFolder(name) },
    digest: digest ?? null,
  }));

/** Objects of the namespace that the spec names, besides those of the models. */
export const referencesOf = (spec: EvaluationSpec): Reference[] => [
  ...spec.benchmarks.flatMap((one) => fileReference(benchmarkField(one.name), one, benchmarkFolder(one.name))),
  ...configReference('spec.people.verdictsRef', spec.people?.verdictsRef),
  ...configReference('spec.judge.calibrationRef', spec.judge?.calibrationRef),
  ...endpointsOf(spec).flatMap(({ field, endpoint }) => endpointReferences(field, endpoint)),
];

/** Folder of a field, null where the spec does not have it. */
const pathOf = (spec: EvaluationSpec, field: string): string | null =>
  referencesOf(spec).find((reference) => reference.field.startsWith(field))?.path ?? null;

export function servingInput({ serving }: EvaluationSpec): EvaluateInput['serving'] {
  if (serving === undefined) return null;
  const { openai, local, baseModel, concurrency, requests, pricePerHour } = serving;
  const measures = { concurrency, requests, pricePerHour: pricePerHour === undefined ? null : Number(pricePerHour) };
  if (openai !== undefined) {
    const endpoint = endpointInput({ ...openai, concurrency: Math.max(...concurrency) });
    return { endpoint, baseModel: baseModel ?? null, ...measures };
  }
  // the schema asks for exactly one
  if (local === undefined) return null;
  const { maxTokens, startTimeout } = local;
  return { local: { maxTokens, startTimeoutSeconds: parseDuration(startTimeout) }, ...measures };
}

export const peopleInput = (spec: EvaluationSpec): EvaluateInput['people'] =>
  spec.people === undefined ? null : { sample: spec.people.sample, verdicts: pathOf(spec, 'spec.people.verdictsRef') };

/** Attempts of the Job: the last one tells what was judged, where those before it leave the rest to the next. */
const attemptsInput = ({ backoffLimit }: EvaluationSpec, { generation, requestedAt = '' }: DesiredRun) => ({
  job: `${String(generation)}/${requestedAt}`,
  most: backoffLimit + 1,
});

export function judgeInput(spec: EvaluationSpec, run: DesiredRun): EvaluateInput['judge'] {
  if (spec.judge === undefined) return null;
  const { openai, asks, votes, maxCost } = spec.judge;
  return {
    endpoint: endpointInput(openai),
    asks,
    votes,
    calibration: pathOf(spec, 'spec.judge.calibrationRef'),
    maxCost: maxCost === undefined ? null : Number(maxCost),
    attempts: attemptsInput(spec, run),
  };
}
