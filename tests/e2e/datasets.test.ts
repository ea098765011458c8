/** From many kinds of documents to datasets: a site, a planted key, a preview, imported rows, a worker that is killed. */
import { readdir, readFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { portForward } from '../../scripts/local/port-forward.ts';
import { copyArtifacts } from '../../scripts/local/store.ts';
import type { DatasetStatus, DocSourceStatus } from '../../src/api/v1alpha1/index.ts';
import { rowSchema, splits, type Row } from '../../src/contract/rows.ts';
import { kubectl } from '../cluster/index.ts';
import type { LogEntry } from '../model-endpoint/index.ts';
import { dashboardQueries } from './dashboard-queries.ts';
import { startEndpoints } from './model-endpoint.ts';
import { testNamespace, type TestNamespace } from './namespace.ts';
import { dataset, docSource, readiness, readyOf, type Observed } from './objects.ts';
import { startProgram } from './program.ts';
import { startPrometheus, type Prometheus } from './prometheus.ts';

const minutes = 60_000;
const guides = join(import.meta.dirname, '../../node_modules/fastify/docs/Guides');
// in two pieces, so that no scanner of this repository takes it for a real one
const plantedKey = ['AKIA', 'QYLPMN5HHHFPZAM2'].join('');

const kinds = { docsource: 'docsources.doctune.dev', dataset: 'datasets.doctune.dev' } as const;

let namespace: TestNamespace;
let prometheus: Prometheus | undefined;
let endpoint: string;
let folder: string;

const poll = { timeout: 8 * minutes, interval: 1000 };
const ready = async (kind: keyof typeof kinds, name: string) =>
  readyOf(await namespace.get<Observed>(kinds[kind], name));
const datasetStatus = async (name: string): Promise<DatasetStatus> =>
  (await namespace.get<{ status?: DatasetStatus }>(kinds.dataset, name))?.status ?? {};
const sourceStatus = async (name: string): Promise<DocSourceStatus> =>
  (await namespace.get<{ status?: DocSourceStatus }>(kinds.docsource, name))?.status ?? {};

async function becomesReady(kind: keyof typeof kinds, name: string): Promise<void> {
  await expect.poll(async () => readiness(await namespace.get<Observed>(kinds[kind], name)), poll).toBe('True');
}

/** Let a source be read until its documents are others: a kubelet may give a pod the ConfigMap of a moment before. */
async function readAnew(name: string): Promise<void> {
  const { artifact } = await sourceStatus(name);
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const requestedAt = String(Date.now());
    const annotation = `doctune.dev/reconcile-requested-at=${requestedAt}`;
    await kubectl(['--namespace', namespace.name, 'annotate', 'docsource', name, '--overwrite', annotation]);
    const run = async () => {
      const { run: latest } = await sourceStatus(name);
      return latest?.requestedAt === requestedAt ? latest.state : undefined;
    };
    await expect.poll(run, poll).toBe('Succeeded');
    if ((await sourceStatus(name)).artifact?.digest !== artifact?.digest) return;
  }
  throw new Error(`"${name}" has the documents of before after three looks`);
}

async function lines<T>(path: string, parse: (value: unknown) => T): Promise<T[]> {
  const text = await readFile(path, 'utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [parse(JSON.parse(line))]));
}

const rowsIn = async (path: string): Promise<Row[]> =>
  (
    await Promise.all(splits.map((split) => lines(join(path, `${split}.jsonl`), (value) => rowSchema.parse(value))))
  ).flat();

const written = (more: object = {}, openai: object = {}): object => ({
  generator: { openai: { baseURL: endpoint, model: 'scripted', timeout: '60s', concurrency: 2, ...openai } },
  rows: { max: 60 },
  gates: { minRows: 5 },
  ...more,
});

const page = (title: string, links: string[]): string =>
  `<!doctype html><html><head><title>${title}</title></head><body><nav><a href="/">home</a></nav><main><h1>${title}</h1>
<p>The ${title} option of Acme sets how many requests are kept open at a time.</p>
<ul>${links.map((link) => `<li><a href="${link}">${link}</a></li>`).join('')}</ul></main></body></html>`;

const site = {
  'index.html': page('Acme', ['/limits.html', '/secret.html', '/gone.html']),
  'limits.html': page('limits', ['/timeouts.html']),
  'timeouts.html': page('timeouts', []),
  'secret.html': page('secret', []),
  // what the probe of the pod asks for
  healthz: 'ok',
  'robots.txt': 'User-agent: *\nDisallow: /secret.html\n',
};

async function requestsSince(start: number): Promise<LogEntry[]> {
  const { port } = new URL(endpoint);
  await using forward = await portForward(namespace.name, 'svc/model-endpoint', Number(port));
  const answer = await fetch(`http://127.0.0.1:${forward.port}/log`);
  return ((await answer.json()) as LogEntry[]).slice(start);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doctune-e2e-datasets-'));
  namespace = await testNamespace('doctune-e2e-datasets');
  const { operator: image } = inject('images');
  const configMap = (name: string, data: Record<string, string>): object => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    data,
  });
  const names = (await readdir(guides)).slice(0, 6);
  const texts = await Promise.all(names.map((name) => readFile(join(guides, name), 'utf8')));
  const guideFiles = Object.fromEntries(names.map((name, index) => [name, texts[index] ?? '']));
  const leak = `# Deploy\n\nThe deploy job of Acme reads its key from the variable AWS_ACCESS_KEY_ID=${plantedKey} at start.\n`;
  await namespace.apply(
    configMap('site', site),
    configMap('guides', { ...guideFiles, 'deploy.md': leak }),
    configMap('rows', {
      'rows.jsonl': [
        { instruction: 'How is a port chosen in Acme?', output: 'Set the option port; the default is 8080.' },
        { prompt: 'Which flag prints the version of Acme?', completion: 'acme --version prints it.' },
        {
          conversations: [
            { from: 'human', value: 'What is Acme?' },
            { from: 'gpt', value: 'A web server.' },
          ],
        },
        { instruction: 'a row without an answer' },
      ]
        .map((row) => JSON.stringify(row))
        .join('\n'),
    }),
  );
  endpoint = (await startEndpoints(namespace.name, image, ['none'], { LATENCY_MS: '300' })).none;
  await startProgram({
    namespace: namespace.name,
    image,
    name: 'web-site',
    entry: join(import.meta.dirname, '../web-site/index.ts'),
    containers: [{ name: 'web-site', port: 8080, env: { ROOT: '/pages' } }],
    files: { '/pages': 'site' },
  });
  prometheus = await startPrometheus();
  await namespace.apply(docSource('guides', { files: { configMapRef: { name: 'guides' } } }));
}, 10 * minutes);

afterAll(async () => {
  await prometheus?.[Symbol.asyncDispose]();
  await namespace[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}, 5 * minutes);

describe('sources', () => {
  test('pages of a site become documents; what robots.txt forbids and what is gone is counted', async () => {
    await namespace.apply(docSource('site', { web: { urls: ['http://web-site:8080/'], rate: '50' } }));
    await becomesReady('docsource', 'site');
    const { documents, artifact } = await sourceStatus('site');
    expect(documents?.total).toBe(3);
    expect(documents?.bySkipReason).toMatchObject({ RobotsDisallowed: 1, NotFound: 1 });
    expect(artifact?.digest).toMatch(/^sha256:/);
  });

  test('an address that only the cluster should see is refused, by name and remedy', async () => {
    await namespace.apply(docSource('metadata', { web: { urls: ['http://169.254.169.254/latest/'] } }));
    await expect.poll(async () => (await ready('docsource', 'metadata'))?.reason, poll).toBe('ForbiddenAddress');
    expect((await ready('docsource', 'metadata'))?.message).toMatch(/spec\.web\.urls/);
  });

  test('[T5] a planted key is in no document of the artifact, and its redaction is counted', async () => {
    await becomesReady('docsource', 'guides');
    const { documents, artifact } = await sourceStatus('guides');
    expect(documents?.redactions?.secrets).toBeGreaterThanOrEqual(1);
    const path = join(folder, 'guides');
    await copyArtifacts(namespace.name, inject('images').operator, { [artifact!.uri]: path });
    const text = await readFile(join(path, 'files', 'deploy.md'), 'utf8');
    expect(text).toContain('AWS_ACCESS_KEY_ID=[redacted');
    expect(text).not.toContain(plantedKey);
  });
});

describe('datasets', { concurrent: false }, () => {
  test('a preview waits for approval, then the whole is made and judged', { timeout: 16 * minutes }, async () => {
    const judged = written({ judge: { openai: { baseURL: endpoint, model: 'judge' } } });
    await namespace.apply(dataset('judged', 'guides', { ...judged, preview: { chunks: 2 } }));
    await expect.poll(async () => (await ready('dataset', 'judged'))?.reason, poll).toBe('AwaitingApproval');
    const { preview, artifact } = await datasetStatus('judged');
    expect(artifact).toBeUndefined();
    expect(preview?.rows).toBeGreaterThan(0);
    expect(preview?.estimatedTokens).toBeGreaterThan(0);

    await namespace.apply(dataset('judged', 'guides', { ...judged, preview: { chunks: 2, approve: true } }));
    await becomesReady('dataset', 'judged');
    const done = await datasetStatus('judged');
    expect(done.preview).toBeUndefined();
    expect(done.rows?.total).toBeGreaterThan(preview!.rows);
    expect(Number(done.coverage)).toBeGreaterThan(0);
  });

  test('the rows name the sentence they come from, their judge and their tokens', async () => {
    const { artifact } = await datasetStatus('judged');
    const guidesArtifact = (await sourceStatus('guides')).artifact!;
    const paths = { [artifact!.uri]: join(folder, 'judged'), [guidesArtifact.uri]: join(folder, 'guides') };
    await copyArtifacts(namespace.name, inject('images').operator, paths);
    const rows = await rowsIn(join(folder, 'judged'));
    expect(rows.length).toBeGreaterThan(5);
    for (const row of rows) {
      expect(row.scores?.faithful).toBe(true);
      expect(row.tokens?.answer).toBeGreaterThan(0);
      for (const { quote, start, end, path = row.source.path } of row.source.evidence) {
        expect((await readFile(join(folder, 'guides', 'files', path), 'utf8')).slice(start, end)).toBe(quote);
      }
    }
  });

  test('progress and money of a run are series in Prometheus, and each query of the dashboard has some', async () => {
    const chosen = `namespace="${namespace.name}",name="judged"`;
    const done = await prometheus!.query(`doctune_dataset_run_chunks{${chosen},state="done"}`);
    expect(done.length).toBe(1);
    const moved = await prometheus!.queryRange(`doctune_dataset_run_requests{${chosen},state="done"}`, 1);
    expect(new Set(moved.flatMap(({ points }) => points.map(([, value]) => value))).size).toBeGreaterThan(1);
    const mayBeEmpty = /rejected|retries|cost/;
    for (const { expression } of await dashboardQueries({ namespace: namespace.name, name: 'judged' }, 'datasets')) {
      if (mayBeEmpty.test(expression)) continue;
      expect(await prometheus!.query(expression), expression).not.toEqual([]);
    }
  });

  test(
    'a killed worker goes on, and nothing is paid twice but what was under way',
    { timeout: 16 * minutes },
    async () => {
      const before = (await requestsSince(0)).length;
      await namespace.apply(dataset('killed', 'guides', written({ rows: { max: 200 } }, { temperature: '0.5' })));
      await expect.poll(async () => (await requestsSince(before)).length, poll).toBeGreaterThan(4);
      await kubectl([
        ...['--namespace', namespace.name, 'delete', 'pod', '--grace-period=0', '--force'],
        ...['--selector', 'doctune.dev/name=killed'],
      ]);
      await becomesReady('dataset', 'killed');
      const asked = (await requestsSince(before)).filter(({ status }) => status === 200).map(({ request }) => request);
      const twice = asked.length - new Set(asked).size;
      // concurrency is 2
      expect(twice).toBeLessThanOrEqual(2);
    },
  );

  test(
    'changed documents ask for their own chunks alone, and tell what changed',
    { timeout: 16 * minutes },
    async () => {
      const before = (await requestsSince(0)).length;
      const total = (await datasetStatus('killed')).usage!.requests;
      const added =
        '# Extra\n\nThe extra option of Acme switches the extra mode on, which writes a line for each request.\n';
      await kubectl([
        ...['--namespace', namespace.name, 'patch', 'configmap', 'guides', '--type=merge'],
        ...['--patch', JSON.stringify({ data: { 'extra.md': added } })],
      ]);
      await readAnew('guides');
      await expect.poll(async () => (await datasetStatus('killed')).delta?.kept ?? 0, poll).toBeGreaterThan(0);
      const { delta, parent } = await datasetStatus('killed');
      expect(parent).toMatch(/^sha256:/);
      expect(delta?.kept).toBeGreaterThan(delta?.added ?? Infinity);
      const asked = (await requestsSince(before)).length;
      expect(asked).toBeGreaterThan(0);
      expect(asked).toBeLessThan(total);
    },
  );

  test('rows that were made elsewhere become a dataset, in other forms too', async () => {
    await namespace.apply({
      apiVersion: 'doctune.dev/v1alpha1',
      kind: 'Dataset',
      metadata: { name: 'imported' },
      spec: {
        importFrom: { configMapRef: { name: 'rows' } },
        gates: { minRows: 2 },
        formats: ['messages', 'alpaca', 'sharegpt'],
      },
    });
    await becomesReady('dataset', 'imported');
    const { rows, artifact } = await datasetStatus('imported');
    expect(rows).toMatchObject({ total: 3, rejected: 1 });
    const path = join(folder, 'imported');
    await copyArtifacts(namespace.name, inject('images').operator, { [artifact!.uri]: path });
    expect((await readdir(join(path, 'formats'))).toSorted()).toEqual(expect.arrayContaining(['alpaca', 'sharegpt']));
  });
});
