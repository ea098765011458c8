import type { IPodTemplateSpec } from 'kubernetes-models/v1/PodTemplateSpec';
import type { ComputeResources } from '../../api/v1alpha1/index.ts';
import { environment, progressAudience, storeClaim } from '../../contract/environment.ts';
import type { RunSettings } from './run-settings.ts';
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

function environmentOf({ progressUrl, caCertificate }: RunSettings) {
  const { input, result, store, progressUrl: url, progressCa, progressToken } = environment;
  const fixed = [input, result, store].map(({ name, path }) => ({ name, value: path }));
  const home = { name: 'HOME', value: '/tmp' };
  if (progressUrl === undefined) return [...fixed, home];
  const authority = caCertificate === undefined ? [] : [{ name: progressCa.name, value: progressCa.path }];
  const token = { name: progressToken.name, value: progressToken.path };
  return [...fixed, home, { name: url.name, value: progressUrl }, ...authority, token];
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

function volumesOf({ run, mounts }: WorkerRun) {
  return [
    { name: inputVolume.name, configMap: { name: run.name } },
    { name: tokenVolume.name, projected: { sources: [tokenSource] } },
    { name: 'store', persistentVolumeClaim: { claimName: storeClaim } },
    { name: 'tmp', emptyDir: {} },
    ...mounts.map((mount, index) => volumeOf(mount, `mount-${index}`)),
  ];
}

function volumeMountsOf({ mounts }: WorkerRun) {
  return [
    { name: inputVolume.name, mountPath: inputVolume.path, readOnly: true },
    { name: tokenVolume.name, mountPath: tokenVolume.path, readOnly: true },
    { name: 'store', mountPath: environment.store.path },
    { name: 'tmp', mountPath: '/tmp' },
    ...mounts.map((mount, index) => volumeMountOf(mount, `mount-${index}`)),
  ];
}

/** Requests and limits. Memory is limited to what is asked for; a limit on CPU would only slow an idle node down. */
function resourcesOf(asked: ComputeResources, least: { cpu: string; memory: string }, gpuResource: string) {
  const memory = asked.memory === undefined ? undefined : String(asked.memory);
  const gpus = asked.gpus === 0 ? {} : { [gpuResource]: String(asked.gpus) };
  const limits = { ...(memory === undefined ? {} : { memory }), ...gpus };
  return {
    requests: { cpu: String(asked.cpu ?? least.cpu), memory: memory ?? least.memory, ...gpus },
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
  };
}

/** zod keeps a member that was left out as undefined, which no manifest has. */
const defined = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [Name in keyof T]: Exclude<T[Name], undefined>;
  };

function placementOf({ nodeSelector, tolerations }: ComputeResources) {
  return {
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    ...(tolerations === undefined ? {} : { tolerations: tolerations.map(defined) }),
  };
}

/** The hardened pod of a worker: it keeps the "restricted" pod security standard. */
export function podTemplate(
  worker: WorkerRun,
  labels: Record<string, string>,
  settings: RunSettings,
): IPodTemplateSpec {
  const { image, command, resources, requests } = worker;
  const { imagePullPolicy, imagePullSecrets, gpuResource } = settings;
  return {
    metadata: { labels },
    spec: {
      restartPolicy: 'Never' as const,
      // named, since a projected token needs it where no admission plugin fills it in
      serviceAccountName: 'default',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      // time for a checkpoint after SIGTERM
      terminationGracePeriodSeconds: 120,
      securityContext: podSecurity,
      ...(imagePullSecrets.length === 0 ? {} : { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
      ...placementOf(resources),
      containers: [
        {
          name: 'worker',
          image,
          imagePullPolicy,
          command: [...command],
          env: environmentOf(settings),
          resources: resourcesOf(resources, requests, gpuResource),
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
