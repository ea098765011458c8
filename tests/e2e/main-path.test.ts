/** The main job as a user does it: apply examples/finetune.yaml, wait, read, change a document, delete. */
import { execFileSync } from 'node:child_process';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startGitServer, workTree, type WorkTree } from '../../scripts/local/git-server.ts';
import { isReady, readChain, type Chain } from '../../scripts/local/objects.ts';
import { copyArtifacts } from '../../scripts/local/store.ts';
import { artifactDigest } from '../../src/contract/artifact.ts';
import { rowSchema, splits } from '../../src/contract/rows.ts';
import { kubectl } from '../cluster/index.ts';
import { dashboardQueries } from './dashboard-queries.ts';
import { runInTrainer } from './in-trainer.ts';
import { testNamespace, type TestNamespace } from './namespace.ts';
import { startPrometheus, type Prometheus } from './prometheus.ts';

const root = join(import.meta.dirname, '../..');
const minutes = 60_000;
const name = 'quickstart';

const pause = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

let namespace: TestNamespace;
let prometheus: Prometheus;
let documents: WorkTree;
let folder: string;
let chain: Chain;
/** what `kubectl get` showed while the run was under way */
const seen = { percents: new Set<number>(), losses: new Set<string>(), memory: new Set<number>() };

const jobNames = async (stage: 'fetch' | 'generate' | 'train' | 'evaluate'): Promise<string[]> =>
  (await namespace.list('jobs')).map((job) => job.metadata.name).filter((job) => job.startsWith(`${name}-${stage}-`));

async function rowsOf(split: string): Promise<ReturnType<typeof rowSchema.parse>[]> {
  const text = await readFile(join(folder, 'dataset', `${split}.jsonl`), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => rowSchema.parse(JSON.parse(line)));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctune-e2e-'));
  namespace = await testNamespace('doctune-e2e');
  await startGitServer(namespace.name, inject('images').operator);
  documents = await workTree(namespace.name, 'fastify', join(root, 'node_modules/fastify/docs'));
  await documents.push('documents of fastify 5.12.8');
  prometheus = await startPrometheus();
}, 10 * minutes);

afterAll(async () => {
  await prometheus[Symbol.asyncDispose]();
  await documents[Symbol.asyncDispose]();
  await namespace[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
}, 5 * minutes);

describe('the main path', { concurrent: false }, () => {
  test('four applied objects become a trained and evaluated adapter', { timeout: 30 * minutes }, async () => {
    await namespace.apply(await readFile(join(root, 'examples/finetune.yaml'), 'utf8'));
    const end = Date.now() + 29 * minutes;
    do {
      await pause(2);
      chain = await readChain(namespace.name, name);
      const { progress, training, memory } = chain.job?.status ?? {};
      if (progress?.percent !== undefined) seen.percents.add(progress.percent);
      if (training?.loss !== undefined) seen.losses.add(training.loss);
      if (memory?.usedBytes !== undefined) seen.memory.add(memory.usedBytes);
    } while (!isReady(chain.evaluation) && Date.now() < end);
    expect(chain.evaluation?.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'Ready', status: 'True' }),
    );
    for (const object of [chain.source, chain.dataset, chain.job])
      expect(isReady(object as Chain['source'])).toBe(true);
  });

  test('progress, loss and memory moved while it trained', () => {
    expect(seen.percents.size).toBeGreaterThan(5);
    expect(seen.losses.size).toBeGreaterThan(5);
    expect(seen.memory.size).toBeGreaterThan(2);
  });

  test('kubectl get shows revision, rows, progress, loss and verdict', async () => {
    const table = await kubectl(['-n', namespace.name, 'get', 'finetune']);
    expect(table).toMatch(/docsource\S*\/quickstart .* main@sha1:[0-9a-f]+ .*True/);
    expect(table).toMatch(new RegExp(`dataset\\S*/quickstart .* ${chain.dataset!.status!.rows!.total} .*True`));
    expect(table).toMatch(/finetunejob\S*\/quickstart +Ready +100 .*smollm2-135m .*True/);
    expect(table).toMatch(/evaluation\S*\/quickstart +quickstart .*True/);
  });

  test('each stage consumed the digest that the stage before it published', () => {
    const { source, dataset, job, evaluation } = chain;
    expect(dataset!.status!.sources).toEqual([{ name, digest: source!.status!.artifact!.digest }]);
    expect(job!.status!.lineage!.dataset.digest).toBe(dataset!.status!.artifact!.digest);
    expect(evaluation!.status!.subject).toMatchObject({
      adapterDigest: job!.status!.artifact!.digest,
      datasetDigest: dataset!.status!.artifact!.digest,
    });
  });

  test('coreutils verify every artifact against the digest in its status', { timeout: 6 * minutes }, async () => {
    const artifacts = {
      documents: chain.source!.status!.artifact!,
      dataset: chain.dataset!.status!.artifact!,
      adapter: chain.job!.status!.artifact!,
      report: chain.evaluation!.status!.report!,
    };
    const copies = Object.entries(artifacts).map(([artifact, { uri }]) => [uri, join(folder, artifact)]);
    await copyArtifacts(
      namespace.name,
      inject('images').operator,
      Object.fromEntries(copies) as Record<string, string>,
    );
    for (const [artifact, { digest }] of Object.entries(artifacts)) {
      execFileSync('sha256sum', ['--check', '--quiet', '--strict', 'SHA256SUMS'], { cwd: join(folder, artifact) });
      expect(artifactDigest(await readFile(join(folder, artifact, 'SHA256SUMS'), 'utf8'))).toBe(digest);
    }
  });

  test('rows quote their document, and no group lies on both sides of the split', async () => {
    const bySplit = await Promise.all(splits.map(async (split) => [split, await rowsOf(split)] as const));
    const rows = Object.fromEntries(bySplit) as Record<(typeof splits)[number], Awaited<ReturnType<typeof rowsOf>>>;
    for (const split of splits) expect(rows[split].length).toBe(chain.dataset!.status!.rows![split]);
    for (const row of bySplit.flatMap(([, some]) => some)) {
      const text = await readFile(join(folder, 'documents/files', row.source.path), 'utf8');
      for (const { quote, start, end } of row.source.evidence) expect(text.slice(start, end)).toBe(quote);
    }
    const trained = {
      groups: new Set(rows.train.map((row) => row.group)),
      facts: new Set(rows.train.map((row) => row.fact)),
    };
    const questions = new Set(rows.train.map((row) => row.messages.at(-2)!.content));
    expect(rows.test.filter((row) => trained.groups.has(row.group))).toEqual([]);
    expect(rows.recall.filter((row) => !trained.facts.has(row.fact))).toEqual([]);
    expect(rows.recall.filter((row) => questions.has(row.messages.at(-2)!.content))).toEqual([]);
  });

  test('the loss fell, as the results file and Prometheus tell alike', async () => {
    const { history } = JSON.parse(await readFile(join(folder, 'adapter/experiment_results.json'), 'utf8')) as {
      history: { step: number; loss?: number }[];
    };
    const losses = history.flatMap(({ loss }) => (loss === undefined ? [] : [loss]));
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(losses.slice(-10))).toBeLessThan(mean(losses.slice(0, 10)) * 0.7);

    const [series] = await prometheus.queryRange(
      `doctune_training_loss{namespace="${namespace.name}",name="${name}"}`,
      2,
    );
    const scraped = series!.points.map(([, value]) => value);
    expect(new Set(scraped).size).toBeGreaterThan(5);
    expect(scraped.at(-1)).toBeLessThan(scraped[0]!);
  });

  test('every query of the dashboard returns series of the run', async () => {
    const queries = await dashboardQueries({ namespace: namespace.name, name });
    expect(queries.length).toBeGreaterThan(6);
    for (const { panel, expression, isGpuOnly } of queries) {
      const points = (await prometheus.queryRange(expression, 5)).flatMap((series) => series.points);
      // there is no GPU here: its panel must be empty rather than show something else
      if (isGpuOnly) expect(points, `${panel}: ${expression}`).toEqual([]);
      else expect(points.length, `${panel}: ${expression}`).toBeGreaterThan(0);
    }
  });

  test('on recall the tuned model is better, with the interval above 0', () => {
    const results = chain.evaluation!.status!.results!;
    const recall = results.find(({ split, metric }) => split === 'recall' && metric === 'bleu')!;
    expect(recall.verdict).toBe('Better');
    expect(Number(recall.ci95![0])).toBeGreaterThan(0);
    expect(Number(recall.tuned)).toBeGreaterThan(Number(recall.base));
    expect(
      results
        .filter(({ split }) => split === 'test')
        .map(({ metric }) => metric)
        .sort(),
    ).toEqual(['bleu', 'chrf', 'perplexity', 'termRecall']);
  });

  test('the report and the loss curve are for people', async () => {
    expect(await readFile(join(folder, 'report/report.md'), 'utf8')).toMatch(/recall[\s\S]*dequantised/);
    const image = await readFile(join(folder, 'adapter/loss_curve.png'));
    expect(image.subarray(1, 4).toString()).toBe('PNG');
  });

  // in the minute that the one waits for nothing to happen, the other computes
  test.concurrent('peft loads the adapter onto the base model', { timeout: 6 * minutes }, async () => {
    const output = await runInTrainer(inject('images').trainer, folder, [
      'import transformers, peft',
      'model = transformers.AutoModelForCausalLM.from_pretrained("/models/smollm2-135m")',
      'tuned = peft.PeftModel.from_pretrained(model, "/data/adapter/adapter")',
      'print("trained", sum(abs(value).sum().item() > 0 for key, value in tuned.state_dict().items() if "lora_B" in key))',
    ]);
    expect(Number(/trained (\d+)/.exec(output)?.[1])).toBeGreaterThan(0);
  });

  test.concurrent('the same file applied again starts nothing', { timeout: 5 * minutes }, async () => {
    const before = await Promise.all([jobNames('generate'), jobNames('train'), jobNames('evaluate')]);
    await namespace.apply(await readFile(join(root, 'examples/finetune.yaml'), 'utf8'));
    // longer than the interval of the source, so that it also looks for a new commit
    await pause(75);
    expect(await Promise.all([jobNames('generate'), jobNames('train'), jobNames('evaluate')])).toEqual(before);
    const now = await readChain(namespace.name, name);
    expect(now.source!.status!.artifact!.lastUpdateTime).toBe(chain.source!.status!.artifact!.lastUpdateTime);
  });

  test('a pushed commit starts exactly one new run of each stage', { timeout: 12 * minutes }, async () => {
    const before = { generate: await jobNames('generate'), train: await jobNames('train') };
    await appendFile(
      join(documents.folder, 'Reference/Hooks.md'),
      '\n### Telemetry hook\n\nThe telemetry hook runs once for each request and reports the time that the handler took.\n',
    );
    const commit = await documents.push('describe the telemetry hook');
    await expect
      .poll(async () => (await readChain(namespace.name, name)).job?.status?.training?.step ?? 0, {
        timeout: 11 * minutes,
        interval: 3000,
      })
      .toBeLessThan(chain.job!.status!.training!.step!);
    const now = await readChain(namespace.name, name);
    expect(now.source!.status!.artifact!.revision).toBe(`main@sha1:${commit}`);
    expect(now.dataset!.status!.artifact!.digest).not.toBe(chain.dataset!.status!.artifact!.digest);
    expect((await jobNames('generate')).filter((job) => !before.generate.includes(job))).toHaveLength(1);
    expect((await jobNames('train')).filter((job) => !before.train.includes(job))).toHaveLength(1);
    // the adapter that is there stays while the newer one is trained
    expect(now.job!.status!.artifact!.digest).toBe(chain.job!.status!.artifact!.digest);
  });

  test('deleted objects leave nothing behind', { timeout: 8 * minutes }, async () => {
    await kubectl(['-n', namespace.name, 'delete', 'finetune', '--all', '--timeout=60s']);
    const left = async (): Promise<string[]> => {
      const ours = await namespace.list('jobs,pods,configmaps', 'doctune.dev/name');
      const claims = await namespace.list('persistentvolumeclaims');
      return [...ours, ...claims].map((object) => object.metadata.name);
    };
    await expect.poll(left, { timeout: 6 * minutes, interval: 3000 }).toEqual([]);
    const series = () => prometheus.query(`{__name__=~"doctune_.+",namespace="${namespace.name}"}`);
    await expect.poll(series, { timeout: minutes, interval: 2000 }).toEqual([]);
  });
});
