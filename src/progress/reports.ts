import { messageOf } from '../controller/errors.ts';
import { progressManager } from '../controller/cluster.ts';
import type { ClusterWriter } from '../controller/cluster.ts';
import { resourceName } from '../controller/kinds.ts';
import type { ResourceKind } from '../controller/kinds.ts';
import type { Log } from '../controller/log.ts';
import type { ClusterReader } from '../controller/reconciler.ts';
import type { ProgressReport } from '../contract/progress.ts';
import { Coalescer } from './coalescer.ts';
import { runOfPod } from './run-of-pod.ts';
import type { PodIdentity } from './token-review.ts';

export interface ReportedKind {
  kind: ResourceKind;
  /**
   * What the kind makes of a report: the progress fields of its status, complete. `run` is the name of the Job, `before`
   * the status as it stands: a client need not repeat a figure in each report.
   */
  progressStatus(report: ProgressReport, context: { run: string; before: object | undefined }): object;
}

interface Pending {
  identity: PodIdentity;
  report: ProgressReport;
}

export interface ReportsOptions {
  reader: ClusterReader;
  writer: ClusterWriter;
  kinds: () => readonly ReportedKind[];
  log: Log;
  intervalMs?: number;
}

/** Writes the reports of pods into the status of the objects they work for. */
export class Reports {
  readonly #options: ReportsOptions;
  readonly #coalescer: Coalescer<Pending>;

  constructor(options: ReportsOptions) {
    this.#options = options;
    this.#coalescer = new Coalescer<Pending>({
      write: (_key, pending) => this.#write(pending),
      onFailure: (key, error) => options.log.debug({ key, error: messageOf(error) }, 'progress was not written'),
      ...(options.intervalMs === undefined ? {} : { intervalMs: options.intervalMs }),
    });
  }

  /** False if the pod works for no live run. */
  accept(identity: PodIdentity, report: ProgressReport): boolean {
    const run = this.#runOf(identity);
    if (run === undefined) return false;
    this.#coalescer.submit(`${resourceName(run.kind)} ${run.object.metadata.uid ?? ''}`, { identity, report });
    return true;
  }

  flush(): Promise<void> {
    return this.#coalescer.flush();
  }

  async #write({ identity, report }: Pending): Promise<void> {
    // the run may have ended since the report came; its result counts then
    const run = this.#runOf(identity);
    const reported = this.#options.kinds().find(({ kind }) => kind.kind === run?.kind.kind);
    if (run === undefined || reported === undefined) return;
    const { status } = run.object as { status?: object };
    const progress = reported.progressStatus(report, { run: run.job.metadata.name, before: status });
    await this.#options.writer.applyStatus(run.object, progress, progressManager);
  }

  #runOf(identity: PodIdentity) {
    const { reader, kinds } = this.#options;
    return runOfPod(
      reader,
      kinds().map(({ kind }) => kind),
      identity,
    );
  }
}
