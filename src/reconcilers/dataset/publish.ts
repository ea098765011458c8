import type { DatasetStatus } from '../../api/v1alpha1/index.ts';
import type { Job } from '../../controller/kinds.ts';
import { ready } from '../../controller/plan.ts';
import type { Plan } from '../../controller/plan.ts';
import { figureOf } from '../shared/figures.ts';
import { removeActions } from '../shared/job.ts';
import { staleJobs } from '../shared/next-step.ts';
import { published, shortDigest } from '../shared/publication.ts';
import { runAnnotations } from '../shared/run.ts';
import { claimActions } from '../shared/store-claim.ts';
import { yes } from '../shared/waiting.ts';
import type { StepOf } from '../shared/waiting.ts';
import type { Observed } from './observe.ts';
import { finalProgress } from './progress.ts';

type Sources = NonNullable<DatasetStatus['sources']>;

/** The documents that the run was given, as its Job tells it. */
function sourcesOf(job: Job): Sources {
  try {
    return JSON.parse(job.metadata.annotations?.[runAnnotations.lineage] ?? '[]') as Sources;
  } catch {
    return [];
  }
}

const readyMessage = (revision: string, rows: number): string => `${rows} rows are ready as ${revision}`;

/** The run has come to a good end: its rows are the artifact from now on. */
export function publish(observed: Observed, step: StepOf<'generate-dataset', 'succeeded'>): Plan<DatasetStatus> {
  const { dataset, jobs } = observed;
  const { run, job, result } = step;
  const { artifact, summary } = result;
  const { rows, usage } = summary;
  const total = rows.train + rows.validation + rows.test + rows.recall;
  const record = published(artifact, shortDigest(artifact.digest), dataset.status?.artifact, run.completionTime ?? '');
  const message = readyMessage(record.revision, total);
  return ready('Generated', message, {
    conditions: [yes('Generated', 'Generated', message)],
    status: {
      run,
      artifact: record,
      artifactRun: run.name,
      sources: sourcesOf(job),
      rows: { ...rows, total },
      usage: { ...usage, totalTokens: usage.inputTokens + usage.outputTokens },
      coverage: figureOf(summary.coverage),
    },
    actions: removeActions(staleJobs(jobs, run.name), 'Background'),
    progress: finalProgress(result, dataset.status),
  });
}

/** The rows for the present inputs are there. */
export function keep({ dataset, jobs, claim, settings }: Observed): Plan<DatasetStatus> {
  const { artifact, artifactRun, run, rows } = dataset.status ?? {};
  const message = readyMessage(artifact?.revision ?? '', rows?.total ?? 0);
  return ready('Generated', message, {
    conditions: [yes('Generated', 'Generated', message)],
    actions: [
      ...removeActions(staleJobs(jobs, run?.name ?? artifactRun), 'Background'),
      ...claimActions(claim, dataset, settings.store),
    ],
  });
}
