import type { DatasetStatus } from '../../api/v1alpha1/index.ts';
import type { Job } from '../../controller/kinds.ts';
import { ready } from '../../controller/plan.ts';
import type { Plan, StatusPatch } from '../../controller/plan.ts';
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

/** A gap is told wherever the rows are. */
function readyMessage(revision: string, rows: number, chunks: DatasetStatus['chunks']): string {
  const gap = chunks === undefined || chunks.failed === 0 ? '' : `; ${chunks.failed} of ${chunks.usable} chunks failed`;
  return `${rows} rows are ready as ${revision}${gap}`;
}

type Summary = StepOf<'generate-dataset', 'succeeded'>['result']['summary'];

/** What a summary says of the rows, as the status keeps it. A field without a figure is removed. */
function figuresOfSummary(summary: Summary, before: string | undefined, digest: string): StatusPatch<DatasetStatus> {
  const { rows, usage, chunks, tasks, warnings, delta } = summary;
  const { cost, ...counts } = usage;
  return {
    rows: { ...rows, total: totalOf(summary) },
    usage: {
      ...counts,
      ...(cost === null ? {} : { cost: figureOf(cost) }),
      totalTokens: usage.inputTokens + usage.outputTokens,
    },
    coverage: figureOf(summary.coverage),
    acceptRate: figureOf(summary.acceptRate),
    duplicateRate: figureOf(summary.duplicateRate),
    chunks: { total: chunks.total, usable: chunks.usable ?? chunks.total, failed: chunks.failed },
    tasks,
    tokens: summary.tokens,
    warnings: warnings.length === 0 ? null : warnings,
    judgeAgreement: summary.judgeAgreement === null ? null : figureOf(summary.judgeAgreement),
    ...(before === undefined || before === digest ? {} : { parent: before, delta }),
  };
}

const totalOf = ({ rows: { train, validation, test, recall } }: Summary): number => train + validation + test + recall;

/** The run has come to a good end: its rows are the artifact from now on. */
export function publish(observed: Observed, step: StepOf<'generate-dataset', 'succeeded'>): Plan<DatasetStatus> {
  const { dataset, jobs } = observed;
  const { run, job, result } = step;
  const { artifact, summary } = result;
  const before = dataset.status?.artifact;
  const record = published(artifact, shortDigest(artifact.digest), before, run.completionTime ?? '');
  const figures = figuresOfSummary(summary, before?.digest, record.digest);
  const message = readyMessage(record.revision, totalOf(summary), figures.chunks ?? undefined);
  return ready('Generated', message, {
    conditions: [yes('Generated', 'Generated', message)],
    status: {
      run,
      artifact: record,
      artifactRun: run.name,
      sources: sourcesOf(job),
      ...figures,
      preview: null,
    },
    actions: removeActions(staleJobs(jobs, run.name), 'Background'),
    progress: finalProgress(result, dataset.status),
  });
}

/** The rows for the present inputs are there. */
export function keep({ dataset, jobs, claim, settings }: Observed): Plan<DatasetStatus> {
  const { artifact, artifactRun, run, rows, chunks } = dataset.status ?? {};
  const message = readyMessage(artifact?.revision ?? '', rows?.total ?? 0, chunks);
  return ready('Generated', message, {
    conditions: [yes('Generated', 'Generated', message)],
    actions: [
      ...removeActions(staleJobs(jobs, run?.name ?? artifactRun), 'Background'),
      ...claimActions(claim, dataset, settings.store),
    ],
  });
}
