import type { Evaluation, FineTuneJobStatus } from '../../src/api/v1alpha1/index.ts';
import type { EvaluationResult } from '../../src/contract/evaluation-result.ts';
import { configMaps, jobs } from '../../src/controller/kinds.ts';
import type { ConfigMap, Job, ResourceKind } from '../../src/controller/kinds.ts';
import { pathOf } from '../../src/controller/paths.ts';
import type { Transport } from '../../src/controller/transport.ts';
import { evaluations, fineTuneJobs } from '../../src/reconcilers/kinds.ts';
import { aDigest } from '../builders/objects.ts';
import { finishPod, startPod } from './simulated-run.ts';
import { until } from './until.ts';
import { workerResults } from './worker-results.ts';

const apiVersion = 'doctune.dev/v1alpha1';
const merge = (body: unknown) => ({ body, contentType: 'application/merge-patch+json' });

/** An Evaluation "handbook" of a FineTuneJob that is suspended, so that adapters come from the test alone. */
export class ModelLine {
  readonly #admin: Transport;
  readonly #namespace: string;
  /** where its trainings push to, if anywhere */
  readonly #repository: string | undefined;

  constructor(admin: Transport, namespace: string, repository?: string) {
    this.#admin = admin;
    this.#namespace = namespace;
    this.#repository = repository;
  }

  async create(spec: object = {}): Promise<void> {
    const create = (kind: ResourceKind, given: object): Promise<unknown> => {
      const body = { apiVersion, kind: kind.kind, metadata: { name: 'handbook' }, spec: given };
      return this.#admin.request('POST', pathOf(kind, this.#namespace), { body });
    };
    await create(fineTuneJobs, { suspend: true, datasetRef: { name: 'rows' }, baseModel: { builtIn: 'tiny' } });
    const rules = [{ metric: 'bleu', split: 'recall', minDelta: '0', requireSignificant: true }];
    await create(evaluations, { jobRef: { name: 'handbook' }, gate: { rules }, ...spec });
  }

  async status() {
    const path = pathOf(evaluations, this.#namespace, 'handbook');
    return ((await this.#admin.request('GET', path)) as Evaluation).status ?? {};
  }

  async told(role: 'promoted' | 'candidate' = 'promoted'): Promise<ConfigMap> {
    return (await this.#admin.request('GET', pathOf(configMaps, this.#namespace, `handbook-${role}`))) as ConfigMap;
  }

  /** A newer adapter is measured with this difference; resolves when it has been judged. */
  async measure(content: string, delta: number, worse: EvaluationResult[] = []): Promise<void> {
    await this.#publish(content);
    const job = await until('the Job of the evaluation', async () => {
      const { items } = (await this.#admin.request('GET', pathOf(jobs, this.#namespace))) as { items: Job[] };
      return items.find(({ metadata, status }) => {
        const lineage = metadata.annotations?.['doctune.dev/lineage'] ?? '';
        return lineage.includes(aDigest(content)) && status?.startTime === undefined;
      });
    });
    const { summary, ...rest } = workerResults.evaluate;
    const row: EvaluationResult = ['bleu', 'recall', 0, 5, 5 + delta, delta, delta - 2, delta + 2, 64, 0.01, 'Better'];
    const result = {
      ...rest,
      summary: { ...summary, results: [row], incumbent: { compared: 1, worse, more: 0, problem: null } },
    };
    await finishPod(this.#admin, job, await startPod(this.#admin, job), 0, JSON.stringify(result));
    await until('a verdict', async () => {
      const { resultsRun, run } = await this.status();
      return resultsRun === job.metadata.name && run?.state === 'Succeeded';
    });
  }

  #published(content: string): FineTuneJobStatus['published'] {
    if (this.#repository === undefined) return [];
    return [{ name: 'adapter', reference: `${this.#repository}:${content}`, digest: aDigest(`manifest ${content}`) }];
  }

  async #publish(content: string): Promise<void> {
    // the claim is made after the first of them, and what is older than its claim is taken for gone
    const artifact = (kind: string, text: string) => {
      const digest = aDigest(text);
      const uri = `pvc://doctune-artifacts/artifacts/${kind}/${digest.slice(7)}`;
      return {
        uri,
        digest,
        revision: digest.slice(0, 19),
        size: 1,
        lastUpdateTime: new Date(Date.now() + 2000).toISOString(),
      };
    };
    const { uri, digest } = artifact('datasets', 'rows');
    const status: FineTuneJobStatus = {
      artifact: artifact('adapters', content),
      artifactRun: `handbook-train-${content}`,
      lineage: { inputsHash: content, dataset: { name: 'rows', uri, digest }, baseModel: { builtIn: 'tiny' } },
      method: { chosen: 'LoRA', learningRate: '0.0002' },
      published: this.#published(content),
    };
    await this.#admin.request(
      'PATCH',
      `${pathOf(fineTuneJobs, this.#namespace, 'handbook')}/status`,
      merge({ status }),
    );
  }
}
