import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { binaries } from '../binaries.ts';
import { docker } from '../machine/docker.ts';
import { run, succeeds } from '../machine/command.ts';
import { inCache } from '../machine/paths.ts';
import { writeArchive } from '../node-image/archive.ts';

/** Image whose only program is our probe. */
export const probeImage = 'doctune-node/probe:1';

/** Give the probe image to Docker unless it is there. */
export async function provideProbeImage(): Promise<void> {
  const { env } = await docker();
  if (await succeeds('docker', ['image', 'inspect', probeImage], { env })) return;
  const { probe } = await binaries(['probe']);
  await mkdir(inCache('builds'), { recursive: true });
  const work = await mkdtemp(inCache('builds', 'probe-'));
  await run('install', ['-D', '--mode=755', probe, join(work, 'root/probe')]);
  const archive = join(work, 'image.tar');
  await writeArchive({ reference: probeImage, folder: join(work, 'root'), entrypoint: ['/probe'] }, archive);
  await run('docker', ['load', '--input', archive], { env });
  await rm(work, { recursive: true });
}

export interface ProbeJob {
  name: string;
  args: readonly [action: string, object: string];
  /** Claim that is mounted at /data. */
  claim?: string;
  gpus?: number;
}

/** A Job as the strictest pod security admits it: any user but root, no privileges, nothing written but its volume. */
export function probeJob({ name, args, claim, gpus }: ProbeJob): object {
  const container = {
    name: 'probe',
    image: probeImage,
    imagePullPolicy: 'IfNotPresent',
    args,
    resources: gpus === undefined ? {} : { limits: { 'nvidia.com/gpu': gpus } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: claim === undefined ? [] : [{ name: 'data', mountPath: '/data' }],
  };
  const pod = {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 0,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [container],
    volumes: claim === undefined ? [] : [{ name: 'data', persistentVolumeClaim: { claimName: claim } }],
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { backoffLimit: 0, template: { spec: pod } },
  };
}

export function claim(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Mi' } } },
  };
}
