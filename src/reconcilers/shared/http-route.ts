import { resource } from '../../controller/kinds.ts';
import type { KubernetesObject } from '../../controller/object.ts';

interface Backend {
  name: string;
  /** 1 if not given, says the Gateway API */
  weight?: number;
}

/** The part of an HTTPRoute that shares traffic. */
export interface HttpRoute extends KubernetesObject {
  spec?: { rules?: readonly { backendRefs?: readonly Backend[] }[] };
}

export const httpRoutes = resource<HttpRoute>({
  group: 'gateway.networking.k8s.io',
  version: 'v1',
  kind: 'HTTPRoute',
  plural: 'httproutes',
});
