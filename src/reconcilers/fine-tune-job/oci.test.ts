import { expect, it } from 'vitest';
import { aDataset, aDigest, aFineTuneJob, anArtifact, generated, settings } from '../../../tests/builders/objects.ts';
import { Scene, decision, settle } from '../../../tests/builders/plans.ts';
import { trainResult } from '../../../tests/builders/pods.ts';
import { fineTuneJob } from '../../api/v1alpha1/index.ts';
import type { FineTuneJob } from '../../api/v1alpha1/index.ts';
import { trainInputSchema } from '../../contract/inputs.ts';
import { renderNetworkPolicy } from '../shared/network-policy.ts';
import { podTemplate } from '../shared/pod.ts';
import { runSettings } from '../shared/run-settings.ts';
import { desiredRun } from '../shared/run.ts';
import { fineTuneJobReconciler } from './index.ts';
import { lineageOf } from './inputs.ts';
import { hints, trainInput, trainerRun } from './render.ts';

const repository = 'registry.images.svc:5000/team/handbook';
const withSecret = {
  output: { merged: true, oci: { repository, tag: 'v1', secretRef: { name: 'push' }, insecure: true } },
};

function rendered(spec: Record<string, unknown>) {
  const job = aFineTuneJob(spec);
  const given = runSettings(settings);
  const run = desiredRun(job, 'train', 'f'.repeat(64));
  const lineage = lineageOf(job, anArtifact('datasets', 'rows'));
  const worker = trainerRun(job, run, lineage, given);
  const pod = podTemplate(worker, {}, given).spec!;
  return { job, input: trainInput(job, run, lineage), pod, policy: renderNetworkPolicy(worker, given) };
}

it('[29] the trainer is told of the registry, and of a file with its credentials, which the operator never reads', () => {
  const { input, pod } = rendered(withSecret);
  expect(trainInputSchema.safeParse(input).error).toBeUndefined();
  const configFile = '/etc/doctune/secrets/push/.dockerconfigjson';
  expect(input.oci).toEqual({ repository, tag: 'v1', configFile, insecure: true });
  expect(pod.volumes).toContainEqual({
    name: 'mount-0',
    secret: {
      secretName: 'push',
      items: [{ key: '.dockerconfigjson', path: '.dockerconfigjson' }],
      defaultMode: 0o440,
    },
  });
});

it('[29] without credentials nothing is mounted, and without a registry nothing is told', () => {
  const { input, pod } = rendered({ output: { oci: { repository } } });
  expect(input.oci).toEqual({ repository, tag: null, configFile: null, insecure: false });
  expect(pod.volumes?.filter((volume) => 'secret' in volume)).toEqual([]);
  expect(rendered({}).input.oci).toBeNull();
});

it('[29] a Secret that has the token of the hub as well is mounted once', () => {
  const huggingFace = { repo: 'a/b', secretRef: { name: 'push' } };
  const { pod } = rendered({ ...withSecret, baseModel: { huggingFace } });
  const secrets = pod.volumes?.flatMap((volume) => ('secret' in volume ? [volume.secret] : []));
  expect(secrets?.map(({ items }) => items?.map(({ key }) => key))).toEqual([['token', '.dockerconfigjson']]);
});

it.each([
  ['registry.images.svc:5000/team/handbook', true, 5000, 'images'],
  ['ghcr.io/team/handbook', false, 443, undefined],
  ['registry/team/handbook', true, 80, ''],
])('[29] the pods may reach "%s"', (name, insecure, port, namespace) => {
  const { policy } = rendered({ output: { oci: { repository: name, insecure } } });
  const egress = JSON.stringify(policy.spec?.egress);
  expect(egress).toContain(`{"ports":[{"protocol":"TCP","port":${port}}]}`);
  if (namespace === 'images') expect(egress).toContain('"kubernetes.io/metadata.name":"images"');
  expect(JSON.stringify(rendered({}).policy.spec?.egress)).not.toContain(`[{"protocol":"TCP","port":${port}}]}`);
});

it('[29] a missing Secret is named with its field', () => {
  const { mounts } = hints(aFineTuneJob(withSecret));
  expect(mounts).toEqual(['secret "push" with the key ".dockerconfigjson" (spec.output.oci.secretRef)']);
});

it.each([['https://ghcr.io/a/b'], ['ghcr.io'], ['ghcr.io/A/b'], ['ghcr.io/a/b:v1'], ['ghcr.io/a/../b']])(
  '[29] "%s" is no repository',
  (name) => {
    const { spec } = aFineTuneJob();
    expect(fineTuneJob.spec.safeParse({ ...spec, output: { oci: { repository: name } } }).success).toBe(false);
  },
);

function trained(spec: Record<string, unknown>) {
  const scene = new Scene<FineTuneJob>(fineTuneJobReconciler(settings), aFineTuneJob(spec));
  scene.world.put(generated(aDataset(), 'rows'));
  scene.reconcile();
  scene.pods.running();
  const result = trainResult('adapter');
  const digests = { adapter: aDigest('adapter'), 'gguf-q8_0': aDigest('gguf') };
  scene.pods.succeeded({ ...result, summary: { ...result.summary, published: { tag: 'v1', digests } } });
  settle(scene);
  return scene;
}

it('[29] the status names what lies in the registry, by its digest', () => {
  expect(trained(withSecret).object.status?.published).toEqual([
    { name: 'adapter', reference: `${repository}:v1`, digest: aDigest('adapter') },
    { name: 'gguf-q8_0', reference: `${repository}:v1-gguf-q8_0`, digest: aDigest('gguf') },
  ]);
});

it('[29] where an adapter is pushed to is no input that trains again', () => {
  const scene = trained(withSecret);
  scene.edit({ output: { merged: true, oci: { repository: 'ghcr.io/other/place' } } });
  expect(decision(scene)).toMatchObject({ says: 'ready Trained', actions: [] });
});
