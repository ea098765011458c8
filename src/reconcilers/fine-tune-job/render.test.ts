import { describe, expect, it } from 'vitest';
import { manifests } from '../../../tests/builders/golden.ts';
import { aFineTuneJob, anArtifact, settings } from '../../../tests/builders/objects.ts';
import { trainInputSchema } from '../../contract/inputs.ts';
import { runSettings } from '../shared/run-settings.ts';
import { desiredRun } from '../shared/run.ts';
import { lineageOf } from './inputs.ts';
import { trainInput, trainerRun } from './render.ts';

describe.each([
  ['built-in', {}],
  [
    'hub-on-gpu',
    {
      baseModel: { huggingFace: { repo: 'owner/model', revision: 'v1', secretRef: { name: 'hub' } } },
      resources: {
        gpus: 2,
        cpu: '8',
        memory: '64Gi',
        nodeSelector: { pool: 'gpu' },
        tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }],
      },
      earlyStopping: {},
      activeDeadlineSeconds: 7200,
      ttlSecondsAfterFinished: 3600,
    },
  ],
  ['two-nodes', { resources: { gpus: 4, nodes: 2, memory: '64Gi' }, distributed: { strategy: 'FSDP2' } }],
  ['claim', { baseModel: { claimRef: { name: 'models', path: 'llama' } } }],
])('training of %s', (name, spec) => {
  const job = aFineTuneJob(spec);
  const run = desiredRun(job, 'train', 'f'.repeat(64));
  const lineage = lineageOf(job, anArtifact('datasets', 'rows'));

  it('is the job in testdata', async () => {
    const worker = trainerRun(job, run, lineage, runSettings(settings));
    await expect(manifests(worker)).toMatchFileSnapshot(`testdata/${name}.yaml`);
  });

  it('has an input that keeps the contract', () => {
    expect(trainInputSchema.safeParse(trainInput(job, run, lineage)).error).toBeUndefined();
  });
});
