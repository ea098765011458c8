import { describe, expect, it } from 'vitest';
import { manifests } from '../../../tests/builders/golden.ts';
import { aDataset, anArtifact, settings } from '../../../tests/builders/objects.ts';
import { generateInputSchema } from '../../contract/inputs.ts';
import { runSettings } from '../shared/run-settings.ts';
import { desiredRun } from '../shared/run.ts';
import { generateInput } from './input.ts';
import { generatorRun } from './render.ts';

const endpoint = { baseURL: 'https://api.example.org/v1', model: 'm' };

describe.each([
  ['extractive', {}],
  ['openai', { generator: { openai: { ...endpoint, apiKeySecretRef: { name: 'key' } } }, budget: { maxTokens: 1000 } }],
  ['openai-without-key', { generator: { openai: endpoint } }],
  [
    'openai-with-a-cheaper-judge',
    {
      generator: { openai: endpoint },
      judge: { openai: { ...endpoint, model: 'judge', prices: { input: '0.1', output: '0.2' } } },
      budget: { maxCost: '5', prices: { input: '0.27', cachedInput: '0.07', output: '1.10' } },
    },
  ],
])('rows made by %s', (name, spec) => {
  const dataset = aDataset(spec);
  const run = desiredRun(dataset, 'generate', 'f'.repeat(64));
  const sources = [
    {
      name: 'quickstart',
      url: 'https://git.example.org/quickstart.git',
      artifact: anArtifact('documents', 'documents'),
    },
  ];

  it('are the job in testdata', async () => {
    const worker = generatorRun(dataset, run, sources, runSettings(settings));
    await expect(manifests(worker)).toMatchFileSnapshot(`testdata/${name}.yaml`);
  });

  it('have an input that keeps the contract', () => {
    expect(generateInputSchema.safeParse(generateInput(dataset, run, sources)).error).toBeUndefined();
  });
});
