import type { Dataset, DocSource, Evaluation, FineTuneJob } from '../../src/api/v1alpha1/index.ts';
import type { EvaluationResult } from '../../src/contract/evaluation-result.ts';
import type { Success, WorkerName } from '../../src/contract/result.ts';
import { configMaps, jobs } from '../../src/controller/kinds.ts';
import type { ConfigMap, Job, ResourceKind } from '../../src/controller/kinds.ts';
import { pathOf } from '../../src/controller/paths.ts';
import type { Transport } from '../../src/controller/transport.ts';
import { datasets, docSources, evaluations, fineTuneJobs } from '../../src/reconcilers/kinds.ts';
import { aDigest } from '../builders/objects.ts';
import { finishPod, startPod } from './simulated-run.ts';
import { until } from './until.ts';
import { workerResults } from './worker-results.ts';

const apiVersion = 'doctune.dev/v1alpha1';
const name = 'loop';

const kinds = { fetch: docSources, generate: datasets, train: fineTuneJobs, evaluate: evaluations } as const;
type Stage = keyof typeof kinds;

interface Objects {
  fetch: DocSource;
  generate: Dataset;
  train: FineTuneJob;
  evaluate: Evaluation;
}

/** The same result with other content. */
function published<W extends WorkerName>(worker: W, kind: string, content: string): Success<W> {
  const digest = aDigest(content);
  const artifact = { uri: `pvc://doctune-artifacts/artifacts/${kind}/${digest.slice(7)}`, digest, size: 1000 };
  return { ...workerResults[worker], artifact };
}

/** The four objects of a chain, whose pods are played by the test. */
export class SimulatedChain {
  readonly #admin: Transport;
  readonly #namespace: string;

  constructor(admin: Transport, namespace: string) {
    this.#admin = admin;
    this.#namespace = namespace;
  }

  async create(interval: string): Promise<void> {
    const ref = { name };
    const rules = [{ metric: 'bleu', split: 'recall', minDelta: '0', requireSignificant: true }];
    const specs = {
      fetch: { interval, git: { url: 'https://example.org/docs.git' } },
      generate: { sourceRefs: [ref], generator: { extractive: {} } },
      train: { datasetRef: ref, baseModel: { builtIn: 'tiny' } },
      evaluate: { jobRef: ref, gate: { rules } },
    };
    for (const [stage, spec] of Object.entries(specs) as [Stage, object][]) {
      const kind: ResourceKind = kinds[stage];
      const body = { apiVersion, kind: kind.kind, metadata: { name }, spec };
      await this.#admin.request('POST', pathOf(kind, this.#namespace), { body });
    }
  }

  async read<S extends Stage>(stage: S): Promise<Objects[S]> {
    return (await this.#admin.request('GET', pathOf(kinds[stage], this.#namespace, name))) as Objects[S];
  }

  /** As a webhook of the repository would after a push. */
  async ask(value: string): Promise<void> {
    const body = { metadata: { annotations: { 'doctune.dev/reconcile-requested-at': value } } };
    const options = { body, contentType: 'application/merge-patch+json' };
    await this.#admin.request('PATCH', pathOf(docSources, this.#namespace, name), options);
  }

  async jobsOf(stage: Stage): Promise<Job[]> {
    const { items } = (await this.#admin.request('GET', pathOf(jobs, this.#namespace))) as { items: Job[] };
    return items.filter(({ metadata }) => metadata.name.startsWith(`${name}-${stage}-`));
  }

  async promoted(): Promise<string | undefined> {
    const path = pathOf(configMaps, this.#namespace, `${name}-promoted`);
    const map = (await this.#admin.request('GET', path).catch(() => undefined)) as ConfigMap | undefined;
    return map?.data?.digest;
  }

  fetch(content: string): Promise<void> {
    return this.#succeed('fetch', published('fetch-documents', 'documents', `documents ${content}`));
  }

  generate(content: string): Promise<void> {
    return this.#succeed('generate', published('generate-dataset', 'datasets', `rows ${content}`));
  }

  train(content: string): Promise<void> {
    return this.#succeed('train', published('train', 'adapters', `adapter ${content}`));
  }

  evaluate(content: string, delta: number): Promise<void> {
    const result = published('evaluate', 'evaluations', `report ${content}`);
    const row: EvaluationResult = ['bleu', 'recall', 0, 5, 5 + delta, delta, delta - 2, delta + 2, 64, 0.01, 'Better'];
    return this.#succeed('evaluate', { ...result, summary: { ...result.summary, results: [row] } });
  }

  /** End the run of a stage as its worker does when it cannot go on. */
  async fail(stage: Stage): Promise<void> {
    const job = await this.#next(stage);
    const result = { version: 1, exitCode: 12, reason: 'BaseModelMismatch', message: 'it cannot go on' };
    await finishPod(this.#admin, job, await startPod(this.#admin, job), 12, JSON.stringify(result));
    await until(`a failed ${stage}`, async () => {
      const { run } = (await this.read(stage)).status ?? {};
      return run?.name === job.metadata.name && run.state === 'Failed';
    });
  }

  /** The Job of a stage that has not been started. */
  #next(stage: Stage): Promise<Job> {
    return until(
      `a Job to ${stage}`,
      async () => (await this.jobsOf(stage)).find(({ status }) => status?.startTime === undefined),
      40_000,
    );
  }

  async #succeed(stage: Stage, result: Success<WorkerName>): Promise<void> {
    const job = await this.#next(stage);
    await finishPod(this.#admin, job, await startPod(this.#admin, job), 0, JSON.stringify(result));
    await until(`${stage} done`, async () => {
      const { run } = (await this.read(stage)).status ?? {};
      return run?.name === job.metadata.name && run.state === 'Succeeded';
    });
  }
}
