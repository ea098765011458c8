import { kinds } from '../../src/api/v1alpha1/index.ts';
import type { KubernetesObject } from '../../src/controller/object.ts';
import type { AnyReconciler } from '../../src/controller/reconciler.ts';
import { Pods } from './pods.ts';
import { World, actionLine } from './world.ts';

/** One object of interest in a world, with the hands that move it. */
export class Scene<Object extends KubernetesObject> {
  readonly world = new World();
  readonly pods = new Pods(this.world);
  readonly reconciler: AnyReconciler;
  readonly #name: Pick<KubernetesObject, 'apiVersion' | 'kind' | 'metadata'>;

  constructor(reconciler: AnyReconciler, object: Object) {
    this.reconciler = reconciler;
    this.#name = this.world.put(object);
  }

  get object(): Object {
    const found = this.world.get(this.reconciler.kind, this.#name.metadata.namespace, this.#name.metadata.name);
    if (found === undefined) throw new Error('the object is gone');
    return found as Object;
  }

  reconcile() {
    return this.world.reconcile(this.reconciler, this.object);
  }

  /** Edit the spec as a user does: the generation counts it. */
  edit(spec: Record<string, unknown>): void {
    const { object } = this;
    const { metadata } = object;
    const before = (object as unknown as { spec: object }).spec;
    const generation = (metadata.generation ?? 0) + 1;
    this.world.put({ ...object, metadata: { ...metadata, generation }, spec: { ...before, ...spec } });
  }

  request(value: string): void {
    const { object } = this;
    const annotations = { 'doctune.dev/reconcile-requested-at': value };
    this.world.put({ ...object, metadata: { ...object.metadata, annotations } });
  }
}

export function after<Object extends KubernetesObject>(
  scene: Scene<Object>,
  change: (scene: Scene<Object>) => void,
): Scene<Object> {
  change(scene);
  return scene;
}

/** A row of a table of sentences: a situation, and what is decided in it. */
export interface PlanRow<Object extends KubernetesObject> {
  title: string;
  /** the object, and whatever else there is */
  scene: () => Scene<Object>;
  /** verdict and reason */
  says: string;
  message?: RegExp;
  phase: string;
  /** own conditions, such as `Failed=True` */
  conditions?: readonly string[];
  /** hashes in names are written `#` */
  actions?: readonly string[];
}

const withoutHash = (line: string): string => line.replace(/-[0-9a-f]{8}$/, '-#');

export function decision<Object extends KubernetesObject>(scene: Scene<Object>) {
  const plan = scene.world.plan(scene.reconciler, scene.object);
  const { verdict, phase, conditions, actions } = plan;
  return {
    says: `${verdict.name} ${verdict.reason}`,
    message: verdict.message,
    phase,
    conditions: conditions.map(({ type, status }) => `${type}=${status}`),
    actions: actions.map((action) => withoutHash(actionLine(action))),
  };
}

/** What the API server would refuse of a status; a refused status write would be tried again for ever. */
function problemsOfStatus({ kind: name, status }: KubernetesObject & { status?: unknown }): string[] {
  const kind = kinds.find((one) => one.kind === name);
  if (kind === undefined || status === undefined) return [];
  const { error } = kind.status.safeParse(status);
  return error?.issues.map(({ path, message }) => `status.${path.join('.')}: ${message}`) ?? [];
}

/**
 * Carry plans out until nothing changes any more. Gives all actions in their order; throws if it does not come to rest.
 */
export function settle<Object extends KubernetesObject>(scene: Scene<Object>): string[] {
  const lines: string[] = [];
  for (let round = 0; round < 6; round++) {
    const before = JSON.stringify(scene.object);
    const { actions } = scene.reconcile();
    lines.push(...actions.map(actionLine));
    const problems = problemsOfStatus(scene.object);
    if (problems.length > 0) throw new Error(problems.join('; '));
    if (actions.length === 0 && JSON.stringify(scene.object) === before) return lines;
  }
  throw new Error(`it does not come to rest: ${lines.join(', ')}`);
}
