import type { IPodTemplateSpec } from 'kubernetes-models/v1/PodTemplateSpec';
import { environment, progressAudience, storeClaim } from '../../contract/environment.ts';
import { gangEnvironment, hasService } from './gang.ts';
import type { RunSettings } from './run-settings.ts';
import { containerResources } from './container-resources.ts';
import { placementOf } from './placement.ts';
import type { Mount, WorkerRun } from './worker-run.ts';

const userId = 65532;

const podSecurity = {
  runAsNonRoot: true,
  runAsUser: userId,
  runAsGroup: userId,
  fsGroup: userId,
  // the store may hold millions of files, and walking them delays every start
  fsGroupChangePolicy: 'OnRootMismatch' as const,
  seccompProfile: { type: 'RuntimeDefault' as const },
};

const containerSecurity = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

const inputVolume = { name: 'input', path: '/etc/doctune' };
const tokenVolume = { name: 'progress-token', path: '/var/run/secrets/doctune' };

/** time for a checkpoint after SIGTERM */
const graceOf = ({ graceSeconds = 120 }: WorkerRun): number => graceSeconds;

function ownEnvironment(worker: WorkerRun, { progressUrl, caCertificate }: RunSettings) {
  const { input, result, store, grace, progressUrl: url, progressCa, progressToken } = environment;
  const places = [input, result, store].map(({ name, path }) => ({ name, value: path }));
  const fixed = [...places, { name: grace.name, value: String(graceOf(worker)) }];
  const home = { name: 'HOME', value: '/tmp' };
  if (progressUrl === undefined || worker.errand !== undefined) return [...fixed, home];
  const authority = caCertificate === undefined ? [] : [{ name: progressCa.name, value: progressCa.path }];
  const token = { name: progressToken.name, value: progressToken.path };
  return [...fixed, home, { name: url.name, value: progressUrl }, ...authority, token];
}

/** What a user adds, before what the operator sets: the last of two variables of one name counts. */
function environmentOf(worker: WorkerRun, settings: RunSettings) {
  const added = (worker.runtime?.env ?? []).map(({ name, value, secretKeyRef }) =>
    secretKeyRef === undefined ? { name, value: value ?? '' } : { name, valueFrom: { secretKeyRef } },
  );
  return [...added, ...ownEnvironment(worker, settings)];
}

function volumeOf(mount: Mount, name: string) {
  if ('secret' in mount) {
    const items = mount.keys?.map((key) => ({ key, path: key }));
    // 0440: the group is fsGroup, so the worker can read it and nobody else
    const secret = { secretName: mount.secret, ...(items === undefined ? {} : { items }), defaultMode: 0o440 };
    return { name, secret };
  }
  if ('configMap' in mount) return { name, configMap: { name: mount.configMap } };
  return { name, persistentVolumeClaim: { claimName: mount.claim, readOnly: true } };
}

function volumeMountOf(mount: Mount, name: string) {
  if ('secret' in mount) return { name, mountPath: `${environment.secrets.path}/${mount.secret}`, readOnly: true };
  const subPath = 'claim' in mount && mount.path !== undefined ? { subPath: mount.path } : {};
  return { name, mountPath: mount.at, readOnly: true, ...subPath };
}

const tokenSource = {
  // an hour, renewed by the kubelet
  serviceAccountToken: { audience: progressAudience, expirationSeconds: 3600, path: 'token' },
};

/** What an errand has no use for: a claim that is bound to one node would bind its pod too. */
const volumesOfRun = [
  { name: tokenVolume.name, projected: { sources: [tokenSource] } },
  { name: 'store', persistentVolumeClaim: { claimName: storeClaim } },
];
const volumeMountsOfRun = [
  { name: tokenVolume.name, mountPath: tokenVolume.path, readOnly: true },
  { name: 'store', mountPath: environment.store.path },
];

/**
 * Processes of one pod pass tensors through /dev/shm, where the 64 MiB of a container end NCCL. So much for each, at the
 * most: what lies there counts against the memory limit of the pod.
 */
const sharedMiB = 512;

function sharedMemoryOf({ gang, resources }: WorkerRun): { medium: 'Memory'; sizeLimit: string } | undefined {
  const processes = Math.max(gang?.processes ?? 1, resources.gpus);
  return processes === 1 ? undefined : { medium: 'Memory', sizeLimit: `${processes * sharedMiB}Mi` };
}

function volumesOf(worker: WorkerRun) {
  const { run, errand, mounts } = worker;
  const sharedMemory = sharedMemoryOf(worker);
  return [
    { name: inputVolume.name, configMap: { name: run.name } },
    ...(errand === undefined ? volumesOfRun : []),
    { name: 'tmp', emptyDir: {} },
    ...(sharedMemory === undefined ? [] : [{ name: 'shm', emptyDir: sharedMemory }]),
    ...mounts.map((mount, index) => volumeOf(mount, `mount-${index}`)),
  ];
}

function volumeMountsOf(worker: WorkerRun) {
  const { errand, mounts } = worker;
  return [
    { name: inputVolume.name, mountPath: inputVolume.path, readOnly: true },
    ...(errand === undefined ? volumeMountsOfRun : []),
    { name: 'tmp', mountPath: '/tmp' },
    ...(sharedMemoryOf(worker) === undefined ? [] : [{ name: 'shm', mountPath: '/dev/shm' }]),
    ...mounts.map((mount, index) => volumeMountOf(mount, `mount-${index}`)),
  ];
}

/** The hardened pod of a worker: it keeps the "restricted" pod security standard. */
export function podTemplate(
  worker: WorkerRun,
  labels: Record<string, string>,
  settings: RunSettings,
): IPodTemplateSpec {
  const { image, command, runtime } = worker;
  const { labels: moreLabels, annotations } = runtime?.podTemplate ?? {};
  const { imagePullPolicy, imagePullSecrets } = settings;
  return {
    metadata: { labels: { ...moreLabels, ...labels }, ...(annotations === undefined ? {} : { annotations }) },
    spec: {
      restartPolicy: 'Never' as const,
      // named, since a projected token needs it where no admission plugin fills it in
      serviceAccountName: 'default',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(hasService(worker.gang) ? { subdomain: worker.run.name } : {}),
      terminationGracePeriodSeconds: graceOf(worker),
      securityContext: podSecurity,
      ...(imagePullSecrets.length === 0 ? {} : { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
      ...placementOf(worker),
      containers: [
        {
          name: 'worker',
          image,
          imagePullPolicy,
          command: [...command],
          env: [...environmentOf(worker, settings), ...gangEnvironment(worker.gang, worker.run.name)],
          resources: containerResources(worker, settings),
          securityContext: containerSecurity,
          terminationMessagePath: environment.result.path,
          terminationMessagePolicy: 'File' as const,
          volumeMounts: volumeMountsOf(worker),
        },
      ],
      volumes: volumesOf(worker),
    },
  };
}
