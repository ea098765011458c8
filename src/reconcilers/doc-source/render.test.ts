import { describe, expect, it } from 'vitest';
import { manifests } from '../../../tests/builders/golden.ts';
import { aDocSource, settings } from '../../../tests/builders/objects.ts';
import { fetchInputSchema } from '../../contract/inputs.ts';
import { runSettings } from '../shared/run-settings.ts';
import { desiredRun } from '../shared/run.ts';
import { fetchInput, fetcherRun } from './render.ts';

const git = { url: 'https://example.org/docs.git' };

describe.each([
  ['git', { git }],
  [
    'git-private',
    {
      git: { ...git, ref: { tag: 'v1' }, secretRef: { name: 'token' }, include: ['docs/**'], exclude: ['**/*.png'] },
      maxDocumentSize: '1Mi',
    },
  ],
  ['config-map', { git: undefined, files: { configMapRef: { name: 'pages' } } }],
  ['git-ssh', { git: { ...git, url: 'ssh://git@example.org/docs.git', secretRef: { name: 'ssh' }, submodules: true } }],
  [
    'web',
    {
      git: undefined,
      web: { urls: ['https://docs.example.org/'], caConfigMapRef: { name: 'authority' }, rate: '0.5' },
    },
  ],
  [
    's3',
    {
      git: undefined,
      files: { s3: { endpoint: 'https://s3.example.org', bucket: 'manuals', secretRef: { name: 'bucket' } } },
    },
  ],
  ['claim', { git: undefined, files: { claimRef: { name: 'share', path: 'docs/en' } } }],
])('a fetch from %s', (name, spec) => {
  const source = aDocSource(spec);
  const run = desiredRun(source, 'fetch', 'f'.repeat(64));

  it('is the job in testdata', async () => {
    const worker = fetcherRun(source, run, runSettings(settings));
    await expect(manifests(worker)).toMatchFileSnapshot(`testdata/${name}.yaml`);
  });

  it('has an input that keeps the contract', () => {
    expect(fetchInputSchema.safeParse(fetchInput(source, run, runSettings(settings))).error).toBeUndefined();
  });
});
