import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import type { KubernetesObject } from '../../controller/object.ts';
import { destinationOf } from './reach.ts';
import type { Destination } from './reach.ts';
import type { RunSettings } from './run-settings.ts';
import { kindLabel, labels, ownerReference } from './run.ts';
import type { WorkerRun } from './worker-run.ts';

type Rule = NonNullable<NonNullable<INetworkPolicy['spec']>['egress']>[number];

const tcp = (port: number) => ({ protocol: 'TCP' as const, port });

/** 5353 is where some clusters have the pods behind port 53 of their DNS. */
const dns: Rule = { ports: [53, 5353].flatMap((port) => [{ protocol: 'UDP' as const, port }, tcp(port)]) };

const peerOf = (namespace: string) =>
  namespace === ''
    ? { podSelector: {} }
    : { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } };

/** The server that takes reports: its Service has the port of its pods. */
function progress({ progressUrl }: RunSettings): Rule[] {
  const destination = progressUrl === undefined ? undefined : destinationOf(progressUrl);
  if (destination === undefined) return [];
  const { port, namespaces } = destination;
  const to = namespaces.map(peerOf);
  return [{ ports: [tcp(port)], ...(to.length === 0 ? {} : { to }) }];
}

/**
 * What addresses of the spec lead to. A policy sees the ports of pods, not those of Services, so a Service of the cluster is
 * let through by its namespace.
 */
function rulesOf(destinations: readonly Destination[]): Rule[] {
  const ports = [...new Set(destinations.map(({ port }) => port))].sort((a, b) => a - b);
  const namespaces = [...new Set(destinations.flatMap((destination) => destination.namespaces))].sort();
  return [
    ...(ports.length === 0 ? [] : [{ ports: ports.map(tcp) }]),
    ...(namespaces.length === 0 ? [] : [{ to: namespaces.map(peerOf) }]),
  ];
}

/**
 * What the pods of an object may reach: DNS, the progress server, what its inputs need, and each other; nobody reaches them.
 * It is one for all runs of an object and is renewed with each, so no pod is without it, not even one that is being ended.
 * Errands have one of their own, with DNS and what they need alone.
 */
export function renderNetworkPolicy(
  { owner, errand, reach }: WorkerRun,
  settings: RunSettings,
): INetworkPolicy & KubernetesObject {
  const { name, namespace } = owner.metadata;
  const kind = kindLabel(owner, errand);
  const own = { [labels.kind]: kind, [labels.name]: name };
  const siblings = [{ podSelector: { matchLabels: own } }];
  const destinations = reach.map(destinationOf).filter((destination) => destination !== undefined);
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: `${name}.${kind}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { [labels.managedBy]: 'doctune', ...own },
      ownerReferences: [ownerReference(owner)],
    },
    spec: {
      podSelector: { matchLabels: own },
      policyTypes: ['Ingress', 'Egress'],
      ingress: errand === undefined ? [{ from: siblings }] : [],
      egress: [
        dns,
        ...(errand === undefined ? [{ to: siblings }, ...progress(settings)] : []),
        ...rulesOf(destinations),
      ],
    },
  };
}
