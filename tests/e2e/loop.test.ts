/** The loop with real pods: a pushed commit is fetched, trained, measured, and its adapter promoted or kept back. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startGitServer, workTree, type WorkTree } from '../../scripts/local/git-server.ts';
import { isReady, readChain, type Chain } from '../../scripts/local/objects.ts';
import { kubectl, machineAddress } from '../cluster/index.ts';
import { startRegistry, type RegistryServer } from '../registry/index.ts';
import { testNamespace, type TestNamespace } from './namespace.ts';
import { dataset, docSource, evaluation, fineTuneJob } from './objects.ts';

const root = join(import.meta.dirname, '../..');
const minutes = 60_000;
const name = 'loop';
const stepMs = 6 * minutes;

let namespace: TestNamespace;
let documents: WorkTree;
let registry: RegistryServer;

/** the registry of the test, as trainings and the tag reach it */
const access = { secretRef: { name: 'registry' }, insecure: true };

/** So small that a round takes a minute: few rows, few steps, and losses alone. */
const job = (training: object, suspend: boolean): object =>
  fineTuneJob(name, name, {
    ...{ suspend, training },
    output: { samples: { prompts: 0 }, oci: { repository: `${registry.host}/team/${name}`, ...access } },
  });

const read = (): Promise<Chain> => readChain(namespace.name, name);
const promoted = async (): Promise<Record<string, string> | undefined> =>
  (await namespace.get<{ data: Record<string, string> }>('configmap', `${name}-promoted`))?.data;

/** the adapter that the registry's tag names */
const tagged = (): Promise<string | undefined> => registry.digestOf(`team/${name}`, 'promoted');
const pushedBy = ({ job: trained }: Chain): string | undefined =>
  trained?.status?.published?.find((form) => form.name === 'adapter')?.digest;

const ask = (): Promise<string> =>
  kubectl([
    '--namespace',
    namespace.name,
    'annotate',
    '--overwrite',
    `docsource/${name}`,
    `doctune.dev/reconcile-requested-at=${Date.now()}`,
  ]);

async function poll<T>(what: string, find: () => Promise<T | undefined | false>): Promise<T> {
  const end = Date.now() + stepMs;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${stepMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/**
 * Push a commit, and let its rows be trained with these parameters. The job is suspended until the rows are there, so that
 * the parameters of the round train no rows of the round before.
 */
async function round(text: string, training: object): Promise<Chain> {
  await namespace.apply(job(training, true));
  const before = await read();
  await appendFile(join(documents.folder, 'Reference/Hooks.md'), `\n### ${text}\n\nThe ${text} hook runs once.\n`);
  const commit = await documents.push(text);
  await ask();
  await poll('rows of the commit', async () => {
    const { source, dataset: rows } = await read();
    const isFetched = source?.status?.artifact?.revision === `main@sha1:${commit}`;
    return isFetched && isReady(rows) && rows?.status?.artifact?.digest !== before.dataset?.status?.artifact?.digest;
  });
  await namespace.apply(job(training, false));
  return poll('a verdict on another adapter', async () => {
    const chain = await read();
    const { subject, run } = chain.evaluation?.status ?? {};
    const isNew = subject !== undefined && subject.adapterDigest !== before.evaluation?.status?.subject?.adapterDigest;
    return isNew && run?.state === 'Succeeded' && isReady(chain.evaluation) && chain;
  });
}

beforeAll(async () => {
  namespace = await testNamespace('doctune-e2e-loop');
  await startGitServer(namespace.name, inject('images').operator);
  documents = await workTree(namespace.name, name, join(root, 'node_modules/fastify/docs'));
  await documents.push('documents of fastify 5.12.8');
  registry = await startRegistry(await machineAddress());
  await namespace.apply(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'registry' },
      type: 'kubernetes.io/dockerconfigjson',
      stringData: { '.dockerconfigjson': registry.dockerConfig },
    },
    docSource(name, {
      git: {
        url: `http://git-server/${name}.git`,
        ref: { branch: 'main' },
        include: ['Reference/Hooks.md', 'Reference/Reply.md'],
      },
    }),
    // a gate takes no proof from fewer than six questions
    dataset(name, name, { rows: { max: 80, wordings: 4 }, split: { recall: '0.8' } }),
    evaluation(name, name, {
      dataset: { splits: ['recall'] },
      metrics: ['perplexity'],
      maxSamples: 8,
      settings: [{ name: 'default', maxInputTokens: 256, maxNewTokens: 4 }],
      // an untrained model of this size writes garbage whatever it has learnt
      maxDegenerate: '1',
      promotion: { oci: access },
      gate: { rules: [{ metric: 'perplexity', split: 'recall', maxDelta: '-0.4', requireSignificant: true }] },
    }),
  );
}, 5 * minutes);

afterAll(async () => {
  await documents[Symbol.asyncDispose]();
  await registry.close();
  await namespace[Symbol.asyncDispose]();
}, 5 * minutes);

const good = { maxSteps: 40, learningRate: '5e-3' };
const none = { maxSteps: 1, learningRate: '1e-9' };
// the trainer takes back steps that are worse than the base, so a worse adapter is one that has learnt less
const little = { maxSteps: 2, learningRate: '1e-3' };
/** relative changes of the perplexity, round by round */
const deltas: number[] = [];
const deltaOf = ({ evaluation: measured }: Chain): number => Number(measured?.status?.results?.[0]?.delta);

describe('[C77] the loop', { concurrent: false }, () => {
  test('a better adapter is promoted', { timeout: 3 * stepMs }, async () => {
    const chain = await round('onBetter', good);
    deltas.push(deltaOf(chain));
    const { evaluation: measured, job: trained } = chain;
    expect(measured?.status?.gate?.verdict).toBe('Passed');
    expect(await promoted()).toMatchObject({
      digest: trained?.status?.artifact?.digest,
      run: trained?.status?.artifactRun,
      form: 'lora',
      promotedBy: 'Gate',
    });
    const pushed = pushedBy(chain);
    expect(pushed).toMatch(/^sha256:/);
    await poll('the tag of the promoted adapter', async () => (await tagged()) === pushed);
    await poll('the tag in the status', async () => (await read()).evaluation?.status?.promotedTag?.digest === pushed);
  });

  test.each([
    ['that is the base model still', 'onEqual', none],
    ['that is worse than the promoted one', 'onWorse', little],
  ])('one %s is kept back, and the promoted one stays', { timeout: 3 * stepMs }, async (_, text, training) => {
    const [before, tag] = [await promoted(), await tagged()];
    const chain = await round(text, training);
    deltas.push(deltaOf(chain));
    const { evaluation: measured, job: trained } = chain;
    expect(measured?.status?.gate?.verdict).not.toBe('Passed');
    expect(measured?.status?.adapter?.digest).toBe(trained?.status?.artifact?.digest);
    expect(await promoted()).toEqual(before);
    expect(pushedBy(chain)).not.toBe(tag);
    expect(await tagged()).toBe(tag);
    expect(measured?.status?.history?.[0]).toMatchObject({ promoted: false });
  });

  test('the figures tell the same: a gain, none, and a smaller one', () => {
    const [better = NaN, equal = NaN, worse = NaN] = deltas;
    expect(better).toBeLessThan(-0.4);
    expect(Math.abs(equal)).toBeLessThan(0.01);
    expect(worse).toBeGreaterThan(better);
  });

  test('a rollback has nothing to go back to, and says so', async () => {
    await kubectl(['--namespace', namespace.name, 'annotate', `evaluation/${name}`, 'doctune.dev/rollback=previous']);
    const refused = await poll('a refusal', async () =>
      (await read()).evaluation?.status?.conditions?.find(({ type }) => type === 'RollbackRefused'),
    );
    expect(refused.reason).toBe('NoPreviousAdapter');
  });
});
