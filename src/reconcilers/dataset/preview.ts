import type { DatasetStatus } from '../../api/v1alpha1/index.ts';
import { paused } from '../../controller/plan.ts';
import type { Plan } from '../../controller/plan.ts';
import { figureOf } from '../shared/figures.ts';
import { removeActions } from '../shared/job.ts';
import { staleJobs } from '../shared/next-step.ts';
import { published, shortDigest } from '../shared/publication.ts';
import { claimActions } from '../shared/store-claim.ts';
import { yes } from '../shared/waiting.ts';
import type { StepOf } from '../shared/waiting.ts';
import type { Observed } from './observe.ts';
import { finalProgress } from './progress.ts';

type Preview = NonNullable<DatasetStatus['preview']>;

function awaiting(preview: Preview, options: Parameters<typeof paused<DatasetStatus>>[2]): Plan<DatasetStatus> {
  const { rows, estimatedTokens, estimatedCost, artifact } = preview;
  const cost = estimatedCost === undefined ? '' : ` and ${estimatedCost} in money`;
  const message =
    `a preview of ${rows} rows is ready as ${artifact.revision}; the whole is estimated to need ` +
    `${estimatedTokens} tokens${cost}: set spec.preview.approve to true to make it`;
  return paused('AwaitingApproval', message, {
    phase: 'AwaitingApproval',
    ...options,
    conditions: [...(options?.conditions ?? []), yes('AwaitingApproval', 'PreviewReady', message)],
  });
}

/** The sample is made: show it, and wait. An artifact that is there already stays what it is. */
export function publishPreview(
  { dataset, jobs }: Observed,
  { run, result }: StepOf<'generate-dataset', 'succeeded'>,
): Plan<DatasetStatus> {
  const { artifact, summary } = result;
  const { rows, estimate } = summary;
  const preview: Preview = {
    run: run.name,
    artifact: published(artifact, shortDigest(artifact.digest), undefined, run.completionTime ?? ''),
    rows: rows.train + rows.validation + rows.test + rows.recall,
    estimatedRequests: estimate?.requests ?? 0,
    estimatedTokens: estimate?.tokens ?? 0,
    ...(estimate?.cost === undefined || estimate.cost === null ? {} : { estimatedCost: figureOf(estimate.cost) }),
  };
  return awaiting(preview, {
    status: { run, preview },
    actions: removeActions(staleJobs(jobs, run.name), 'Background'),
    progress: finalProgress(result, dataset.status),
  });
}

/** The sample waits for approval still. */
export function keepPreview({ dataset, jobs, claim, settings }: Observed, preview: Preview): Plan<DatasetStatus> {
  return awaiting(preview, {
    actions: [
      ...removeActions(staleJobs(jobs, dataset.status?.run?.name), 'Background'),
      ...claimActions(claim, dataset, settings.store),
    ],
  });
}
