import { expect, it } from 'vitest';
import { aFineTuneJob, anArtifact, settings } from '../../../tests/builders/objects.ts';
import type { FineTuneJob } from '../../api/v1alpha1/index.ts';
import { lineageOf } from '../fine-tune-job/inputs.ts';
import { trainerRun } from '../fine-tune-job/render.ts';
import type { ReconcilerSettings } from '../settings.ts';
import { podTemplate } from './pod.ts';
import { runSettings } from './run-settings.ts';
import { desiredRun } from './run.ts';

function podOf(spec: Record<string, unknown> = {}, changed: Partial<ReconcilerSettings> = {}) {
  const job = aFineTuneJob(spec);
  const given = runSettings({ ...settings, ...changed });
  const worker = trainerRun(
    job,
    desiredRun(job, 'train', 'f'.repeat(64)),
    lineageOf(job, anArtifact('datasets', 'rows')),
    given,
  );
  return podTemplate(worker, {}, given).spec!;
}

const environmentOf = (pod: ReturnType<typeof podOf>) => (pod.containers[0]?.env ?? []).map(({ name }) => name);

it('without a progress URL a worker is told of no server', () => {
  const silent = podOf({}, { progress: { caCertificate: () => undefined } });
  expect(environmentOf(silent).filter((name) => name.startsWith('KUBEFLOW'))).toEqual([]);
});

it('before the certificate is made a worker gets the URL without an authority', () => {
  const early = podOf({}, { progress: { url: 'https://x/', caCertificate: () => undefined } });
  expect(environmentOf(early)).toContain('KUBEFLOW_TRAINER_SERVER_URL');
  expect(environmentOf(early)).not.toContain('KUBEFLOW_TRAINER_SERVER_CA_CERT');
});

it('the count of GPUs is asked for by the name that the installation has for them', () => {
  const pod = podOf({ resources: { gpus: 2 } }, { gpuResource: 'amd.com/gpu' });
  expect(pod.containers[0]?.resources).toMatchObject({
    limits: { 'amd.com/gpu': '2' },
    requests: { 'amd.com/gpu': '2' },
  });
});

it.each([
  [{ gpus: 2 }, '1024Mi'],
  [{ gpus: 8, nodes: 2 }, '4096Mi'],
])('[training 30] processes of one pod have room for tensors in /dev/shm: %j', (resources, sizeLimit) => {
  const pod = podOf({ resources });
  expect(pod.volumes).toContainEqual({ name: 'shm', emptyDir: { medium: 'Memory', sizeLimit } });
  expect(pod.containers[0]?.volumeMounts).toContainEqual({ name: 'shm', mountPath: '/dev/shm' });
});

it.each([{ gpus: 0 }, { gpus: 1 }, { gpus: 0, nodes: 2 }])(
  '[training 30] a pod of one process keeps the /dev/shm of its container: %j',
  (resources) => {
    const pod = podOf({ resources });
    expect((pod.volumes ?? []).map(({ name }) => name)).not.toContain('shm');
    expect((pod.containers[0]?.volumeMounts ?? []).map(({ mountPath }) => mountPath)).not.toContain('/dev/shm');
  },
);

it('secrets of the installation for its images are named in the pod', () => {
  expect(podOf({}, { imagePullSecrets: ['registry'] }).imagePullSecrets).toEqual([{ name: 'registry' }]);
});

it('a spec may count other GPUs than the installation does', () => {
  const pod = podOf({ resources: { gpus: 1, gpuResource: 'habana.ai/gaudi' } });
  expect(pod.containers[0]?.resources?.limits).toEqual({ 'habana.ai/gaudi': '1' });
});

it('the container gets the devices of its claims', () => {
  const resourceClaims = [{ name: 'gpu', resourceClaimTemplateName: 'one-gpu', request: 'a' }];
  expect(podOf({ resources: { resourceClaims } }).containers[0]?.resources?.claims).toEqual([
    { name: 'gpu', request: 'a' },
  ]);
});

it('variables of the spec come before those of doctune, and secret ones are references', () => {
  const env = [
    { name: 'HF_ENDPOINT', value: 'https://hub.example.org' },
    { name: 'WANDB_API_KEY', secretKeyRef: { name: 'wandb' } },
  ];
  const pod = podOf({ runtime: { env } });
  expect(pod.containers[0]?.env?.slice(0, 3)).toEqual([
    { name: 'HF_ENDPOINT', value: 'https://hub.example.org' },
    { name: 'WANDB_API_KEY', valueFrom: { secretKeyRef: { name: 'wandb', key: 'value' } } },
    { name: 'DOCTUNE_INPUT', value: '/etc/doctune/input.json' },
  ]);
});

it.each([
  [undefined, 120],
  ['100.5', 302],
])(
  '[22] a worker knows the seconds that it is given to end after SIGTERM, here for a save of %s s',
  (seconds, grace) => {
    const status = seconds === undefined ? {} : { checkpoint: { step: 40, seconds } };
    const job: FineTuneJob = { ...aFineTuneJob(), status };
    const given = runSettings(settings);
    const desired = desiredRun(job, 'train', 'f'.repeat(64));
    const worker = trainerRun(job, desired, lineageOf(job, anArtifact('datasets', 'rows')), given);
    const pod = podTemplate(worker, {}, given).spec!;
    expect(pod.terminationGracePeriodSeconds).toBe(grace);
    expect(pod.containers[0]?.env).toContainEqual({ name: 'DOCTUNE_GRACE_SECONDS', value: String(grace) });
  },
);

it('whatever the spec adds to the pod, it keeps the restricted standard', () => {
  const podTemplate = { runtimeClassName: 'nvidia', labels: { team: 'a' }, annotations: { note: 'x' } };
  const pod = podOf({ runtime: { image: 'mine/trainer:1', podTemplate } });
  const plain = podOf({});
  expect(pod.containers[0]?.image).toBe('mine/trainer:1');
  expect(pod.securityContext).toEqual(plain.securityContext);
  expect(pod.containers[0]?.securityContext).toEqual(plain.containers[0]?.securityContext);
  expect(pod.volumes).toEqual(plain.volumes);
});
