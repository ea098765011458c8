import { describe, expect, it } from 'vitest';
import { aDataset, aDocSource, aFineTuneJob, anArtifact, settings } from '../../../tests/builders/objects.ts';
import type { DocSource, FineTuneJob } from '../../api/v1alpha1/index.ts';
import { generatorRun } from '../dataset/render.ts';
import { fetcherRun } from '../doc-source/render.ts';
import { lineageOf } from '../fine-tune-job/inputs.ts';
import { trainerRun } from '../fine-tune-job/render.ts';
import { startActions } from './job.ts';
import { renderNetworkPolicy } from './network-policy.ts';
import { runSettings } from './run-settings.ts';
import { desiredRun } from './run.ts';
import type { WorkerRun } from './worker-run.ts';

const given = runSettings(settings);
const inputs = 'f'.repeat(64);
const fetcher = (source: DocSource) => fetcherRun(source, desiredRun(source, 'fetch', inputs), given);
const trainer = (job: FineTuneJob) =>
  trainerRun(job, desiredRun(job, 'train', inputs), lineageOf(job, anArtifact('datasets', 'rows')), given);

const specOf = (worker: WorkerRun) => renderNetworkPolicy(worker, given).spec!;
/** What a run may reach beside DNS, its own pods and the progress server. */
const inputRules = (worker: WorkerRun) => specOf(worker).egress?.slice(3);
const tcp = (port: number) => ({ protocol: 'TCP', port });
const namespace = (name: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
});

describe('what the pods of an object may reach', () => {
  it('is DNS, each other and the progress server alone, with a model that is in the image or on a claim', () => {
    for (const spec of [{}, { baseModel: { claimRef: { name: 'models' } } }]) {
      const { egress, ingress, policyTypes } = specOf(trainer(aFineTuneJob(spec)));
      const own = { 'doctune.dev/kind': 'finetunejob', 'doctune.dev/name': 'quickstart' };
      expect(policyTypes).toEqual(['Ingress', 'Egress']);
      expect(ingress).toEqual([{ from: [{ podSelector: { matchLabels: own } }] }]);
      expect(egress).toEqual([
        { ports: [53, 5353].flatMap((port) => [{ protocol: 'UDP', port }, tcp(port)]) },
        { to: [{ podSelector: { matchLabels: own } }] },
        { ports: [tcp(8443)], to: [namespace('doctune-system')] },
      ]);
    }
  });

  it('is also the hub of the model, and the mirror that takes its place', () => {
    const baseModel = { huggingFace: { repo: 'owner/name' } };
    expect(inputRules(trainer(aFineTuneJob({ baseModel })))).toEqual([{ ports: [tcp(443)] }]);
    const runtime = { env: [{ name: 'HF_ENDPOINT', value: 'http://mirror.models.svc:8080' }] };
    expect(inputRules(trainer(aFineTuneJob({ baseModel, runtime })))).toEqual([
      { ports: [tcp(443), tcp(8080)] },
      { to: [namespace('models')] },
    ]);
  });

  it.each([
    ['a repository', { git: { url: 'ssh://git@git.example.org:2222/docs.git' } }, [{ ports: [tcp(2222)] }]],
    [
      'a repository with submodules',
      { git: { url: 'ssh://git@git.example.org/docs.git', submodules: true } },
      [{ ports: [tcp(22), tcp(80), tcp(443)] }],
    ],
    [
      'a site',
      { git: undefined, web: { urls: ['http://docs.example.org:8080/'] } },
      [{ ports: [tcp(80), tcp(443), tcp(8080)] }],
    ],
    ['a public bucket', { git: undefined, files: { s3: { bucket: 'docs' } } }, [{ ports: [tcp(443)] }]],
    [
      'a bucket of the cluster',
      { git: undefined, files: { s3: { bucket: 'docs', endpoint: 'http://minio:9000' } } },
      [{ ports: [tcp(9000)] }, { to: [{ podSelector: {} }] }],
    ],
    ['files of the namespace', { git: undefined, files: { configMapRef: { name: 'docs' } } }, []],
  ])('is also %s', (_, spec, rules) => {
    expect(inputRules(fetcher(aDocSource(spec)))).toEqual(rules);
  });

  it('is also the endpoints of a dataset, or the proxy before them', () => {
    const openai = { baseURL: 'https://api.example.org/v1', model: 'm' };
    const generator = (spec: Record<string, unknown>) => {
      const dataset = aDataset(spec);
      return generatorRun(dataset, desiredRun(dataset, 'generate', inputs), [], given);
    };
    expect(inputRules(generator({}))).toEqual([]);
    expect(inputRules(generator({ generator: { openai } }))).toEqual([{ ports: [tcp(443)] }]);
    const proxied = { openai: { ...openai, proxy: 'http://proxy.example.org:3128' } };
    expect(inputRules(generator({ generator: proxied }))).toEqual([{ ports: [tcp(3128)] }]);
  });

  it('is not limited where the installation wants no policies', () => {
    const kindsOf = (hasNetworkPolicies: boolean) =>
      startActions(trainer(aFineTuneJob()), { ...given, hasNetworkPolicies }).map(({ object }) => object.kind);
    expect(kindsOf(true)).toEqual(['NetworkPolicy', 'ConfigMap', 'Job']);
    expect(kindsOf(false)).toEqual(['ConfigMap', 'Job']);
  });

  it('goes with the object', () => {
    const { metadata } = renderNetworkPolicy(trainer(aFineTuneJob()), given);
    expect(metadata.name).toBe('quickstart.finetunejob');
    expect(metadata.ownerReferences).toEqual([expect.objectContaining({ kind: 'FineTuneJob', controller: true })]);
  });
});
