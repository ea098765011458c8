import { expect, it } from 'vitest';
import { aFineTuneJob, anArtifact, settings } from '../../../tests/builders/objects.ts';
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

it('secrets of the installation for its images are named in the pod', () => {
  expect(podOf({}, { imagePullSecrets: ['registry'] }).imagePullSecrets).toEqual([{ name: 'registry' }]);
});
