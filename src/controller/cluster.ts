import { ApiError, NotLeaderError, isNotFound } from './errors.ts';
import { asJson } from './json.ts';
import { apiVersionOf } from './kinds.ts';
import type { ResourceKind } from './kinds.ts';
import type { KubernetesObject } from './object.ts';
import { pathOf } from './paths.ts';
import type { Manifest, PatchAction, RemoveAction } from './plan.ts';
import type { Transport } from './transport.ts';

export const controllerManager = 'doctune-controller';
export const progressManager = 'doctune-progress';

/** Writes of one process. Each throws `NotLeaderError` once `mayWrite` says no. */
export interface ClusterWriter {
  /** Server-side apply, taking over fields from whoever else has them. */
  apply(object: Manifest, fieldManager?: string): Promise<KubernetesObject>;
  /** Change single fields by a JSON patch; it is refused as a whole if one of its tests fails. */
  patch(action: PatchAction): Promise<KubernetesObject>;
  /** Remove with everything that it owns. No error if it is gone or has a namesake with another uid. */
  remove(object: Manifest, propagation: RemoveAction['propagation']): Promise<void>;
  /** Apply the whole status as one field manager has it; undefined if the object is gone. */
  applyStatus(object: KubernetesObject, status: object, fieldManager: string): Promise<KubernetesObject | undefined>;
}

interface WriterOptions {
  transport: Transport;
  /** where the kinds of the applied objects are served */
  kinds: () => readonly ResourceKind[];
  mayWrite?: () => boolean;
}

const applyType = 'application/apply-patch+yaml';
const jsonPatchType = 'application/json-patch+json';

export function createWriter({ transport, kinds, mayWrite = () => true }: WriterOptions): ClusterWriter {
  const known = new Map<string, ResourceKind>();

  function kindOf({ apiVersion, kind }: Manifest): ResourceKind {
    const name = `${apiVersion}/${kind}`;
    if (!known.has(name)) for (const one of kinds()) known.set(`${apiVersionOf(one)}/${one.kind}`, one);
    const found = known.get(name);
    if (found === undefined) throw new Error(`kind "${name}" is not watched by any reconciler: add a watch for it`);
    return found;
  }

  function pathFor(object: Manifest): string {
    const { namespace, name } = object.metadata ?? {};
    if (name === undefined) throw new Error(`an object of kind "${object.kind}" has no metadata.name`);
    return pathOf(kindOf(object), namespace, name);
  }

  const fence = (): void => {
    if (!mayWrite()) throw new NotLeaderError();
  };

  async function applyAt(path: string, body: unknown, fieldManager: string): Promise<KubernetesObject> {
    fence();
    const query = { fieldManager, force: true };
    return (await transport.request('PATCH', path, { query, body, contentType: applyType })) as KubernetesObject;
  }

  return {
    apply: (object, fieldManager = controllerManager) => applyAt(pathFor(object), asJson(object), fieldManager),

    async patch({ object, kind, operations }) {
      fence();
      const { namespace, name } = object.metadata ?? {};
      const options = { query: { fieldManager: controllerManager }, body: operations, contentType: jsonPatchType };
      return (await transport.request('PATCH', pathOf(kind, namespace, name), options)) as KubernetesObject;
    },

    async remove(object, propagation) {
      fence();
      const uid = object.metadata?.uid;
      const body = {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: propagation,
        ...(uid === undefined ? {} : { preconditions: { uid } }),
      };
      try {
        await transport.request('DELETE', pathFor(object), { body });
      } catch (error) {
        // a conflict says that the uid is another one, so what was to be removed is gone
        if (!isNotFound(error) && !(error instanceof ApiError && error.code === 409)) throw error;
      }
    },

    async applyStatus(object, status, fieldManager) {
      const { apiVersion, kind, metadata } = object;
      const body = { apiVersion, kind, metadata: { name: metadata.name, namespace: metadata.namespace }, status };
      try {
        return await applyAt(`${pathFor(object)}/status`, body, fieldManager);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
  };
}
