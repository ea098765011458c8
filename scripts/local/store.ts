import { mkdir } from 'node:fs/promises';
import { kubectl, kubectlBinary, kubeconfigPath } from '../../tests/cluster/index.ts';
import { pipe } from '../../tests/cluster/machine/command.ts';

const pod = 'doctune-store-reader';

const reader = (image: string): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: pod },
  spec: {
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      runAsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'reader',
        image,
        imagePullPolicy: 'IfNotPresent',
        command: ['sleep', '600'],
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [{ name: 'store', mountPath: '/store', readOnly: true }],
      },
    ],
    volumes: [{ name: 'store', persistentVolumeClaim: { claimName: 'doctune-artifacts', readOnly: true } }],
  },
});

/** Copy artifacts (`pvc://claim/path`) of a namespace's store into local folders, through a pod that mounts the claim. */
export async function copyArtifacts(namespace: string, image: string, copies: Record<string, string>): Promise<void> {
  await kubectl(['-n', namespace, 'apply', '-f', '-'], { input: JSON.stringify(reader(image)) });
  try {
    await kubectl(['-n', namespace, 'wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=60s']);
    for (const [uri, folder] of Object.entries(copies)) {
      const path = `/store/${new URL(uri).pathname.replace(/^\//, '')}`;
      await mkdir(folder, { recursive: true });
      const exec = [await kubectlBinary(), '--kubeconfig', kubeconfigPath(), '-n', namespace, 'exec', pod, '--'];
      await pipe([...exec, 'tar', '-C', path, '-cf', '-', '.'], ['tar', '-C', folder, '-xf', '-']);
    }
  } finally {
    await kubectl(['-n', namespace, 'delete', 'pod', pod, '--wait=false', '--ignore-not-found']);
  }
}
