import type { Evaluation, EvaluationStatus, Promoted } from '../../../api/v1alpha1/index.ts';
import { configMaps } from '../../../controller/kinds.ts';
import type { ConfigMap } from '../../../controller/kinds.ts';
import { apply } from '../../../controller/plan.ts';
import type { Action } from '../../../controller/plan.ts';
import type { ClusterReader } from '../../../controller/reconciler.ts';
import { originOf } from './origin.ts';
import { known } from '../../shared/figures.ts';
import { labels, ownerReference } from '../../shared/run.ts';

/** By which others find the ConfigMaps of all promoted adapters. */
const promotedLabel = 'doctune.dev/promoted';

/** Where docs/kinds/evaluation.md asks servers to mount the claim. */
const mountPath = '/store';

type Role = 'promoted' | 'candidate';

/** The ConfigMaps that others read, by what they tell of. */
export type Told = Partial<Record<Role, ConfigMap>>;

const nameOf = ({ metadata }: Evaluation, role: Role): string => `${metadata.name}-${role}`;

export function observeTold(reader: ClusterReader, evaluation: Evaluation): Told {
  const get = (role: Role) => reader.get(configMaps, evaluation.metadata.namespace, nameOf(evaluation, role));
  return known({ promoted: get('promoted'), candidate: get('candidate') });
}

// vLLM loads the weights of these methods; other adapters need peft
const loraMethods: readonly string[] = ['LoRA', 'QLoRA'];
const modelMethods: readonly string[] = ['Full', 'Freeze'];

export type Form = 'lora' | 'adapter' | 'model';

function formOf({ method = 'LoRA' }: Promoted): Form {
  if (modelMethods.includes(method)) return 'model';
  return loraMethods.includes(method) ? 'lora' : 'adapter';
}

/** The same in the forms that servers take. */
function servingOf(name: string, promoted: Promoted) {
  const form = formOf(promoted);
  const storageUri = `${promoted.artifact.uri}/${form === 'model' ? 'model' : 'adapter'}`;
  const [, claim, path] = /^pvc:\/\/([^/]+)\/(.+)$/.exec(storageUri) ?? [];
  return known({
    form,
    storageUri,
    mergedStorageUri: promoted.merged === true ? `${promoted.artifact.uri}/exports/merged` : undefined,
    claim,
    path,
    loraModules: form === 'lora' && path !== undefined ? `${name}=${mountPath}/${path}` : undefined,
  });
}

/** All of it, as strings. A handful of bounded fields: some 2 KiB at the most. */
export function promotedData({ metadata: { name } }: Evaluation, promoted: Promoted): Record<string, string> {
  const { artifact, since, run, trainingRun, datasetDigest, baseModel, baseModelRevision, method, oci, by } = promoted;
  const facts = known({
    name,
    uri: artifact.uri,
    digest: artifact.digest,
    ...servingOf(name, promoted),
    oci,
    baseModel,
    baseModelRevision,
    method,
    datasetDigest,
    run: trainingRun,
    evaluationRun: run,
    promotedAt: since,
    promotedBy: by,
  });
  return { ...facts, 'promoted.json': `${JSON.stringify(facts, null, 2)}\n` };
}

function renderTold(evaluation: Evaluation, role: Role, told: Promoted): ConfigMap {
  const { namespace, name } = evaluation.metadata;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: nameOf(evaluation, role),
      ...(namespace === undefined ? {} : { namespace }),
      labels: {
        [labels.managedBy]: 'doctune',
        [labels.kind]: 'evaluation',
        [labels.name]: name,
        ...(role === 'promoted' ? { [promotedLabel]: 'true' } : {}),
      },
      ownerReferences: [ownerReference(evaluation)],
    },
    data: promotedData(evaluation, told),
  };
}

/** Whether all is there that we want; what others add is theirs. */
function holds(observed: ConfigMap, wanted: ConfigMap): boolean {
  const { data = {}, metadata } = observed;
  const [owner] = wanted.metadata.ownerReferences ?? [];
  const isOwned = metadata.ownerReferences?.some(({ uid }) => uid === owner?.uid) ?? false;
  return isOwned && Object.entries(wanted.data ?? {}).every(([key, value]) => data[key] === value);
}

function actionsOf(evaluation: Evaluation, role: Role, told: Promoted | undefined, observed: Told): Action[] {
  if (told === undefined) return [];
  const wanted = renderTold(evaluation, role, told);
  const there = observed[role];
  return there !== undefined && holds(there, wanted) ? [] : [apply(wanted)];
}

/** The candidate of a test under traffic; it stays the last one when the test is over, so that its server can start. */
function candidateOf({ abTest }: EvaluationStatus): Promoted | undefined {
  if (abTest === undefined) return undefined;
  const { artifact, run, startTime } = abTest;
  return { artifact, since: startTime, run, ...originOf(abTest), by: 'Gate' };
}

/** Make the ConfigMaps what the status says, also when somebody changed or removed them. */
export const toldActions = (evaluation: Evaluation, status: EvaluationStatus, observed: Told): Action[] => [
  ...actionsOf(evaluation, 'promoted', status.promoted, observed),
  ...actionsOf(evaluation, 'candidate', candidateOf(status), observed),
];
