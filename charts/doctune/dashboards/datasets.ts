import { curvesPanel, dashboardOf, objectName, phasePanel, sharePanel } from './panels.ts';
import { instant, perRunAnd } from './queries.ts';

const phase = phasePanel(
  'Dataset',
  'Where each dataset stands, and what to look at with kubectl describe when it failed.',
);

const shares = sharePanel(
  'Coverage and acceptance',
  'Share of the usable chunks that have a row, and share of the rows made that were accepted.',
)
  .withTarget(instant(perRunAnd('doctune_dataset_coverage_ratio'), `${objectName} coverage`))
  .withTarget(instant(perRunAnd('doctune_dataset_accept_ratio'), `${objectName} accepted`).refId('B'));

interface Chart {
  title: string;
  description: string;
  unit?: string;
  /** each with the label that tells its curves of one dataset apart */
  metrics: readonly [metric: string, label?: string][];
}

const charts: readonly Chart[] = [
  {
    title: 'Rows',
    description: 'Rows of the published dataset, by split.',
    metrics: [['doctune_dataset_rows', 'split']],
  },
  {
    title: 'Rejected rows',
    description: 'Rows of the published dataset that were turned down, by reason.',
    metrics: [['doctune_dataset_rejected_rows', 'reason']],
  },
  {
    title: 'Chunks of the run',
    description: 'Parts of documents of the latest run: done, failed, and in all.',
    metrics: [['doctune_dataset_run_chunks', 'state']],
  },
  {
    title: 'Rows of the run',
    description: 'Rows of the latest run: planned, accepted and rejected so far.',
    metrics: [['doctune_dataset_run_rows', 'state']],
  },
  {
    title: 'Rejections of the run',
    description: 'Rows that the latest run has turned down so far, by reason.',
    metrics: [['doctune_dataset_run_rejected_rows', 'reason']],
  },
  {
    title: 'Requests of the run',
    description: 'Requests to model endpoints: done, under way, waiting, and answered by the cache.',
    metrics: [['doctune_dataset_run_requests', 'state']],
  },
  {
    title: 'Retries of the run',
    description: 'Requests that were sent again, by class of the trouble.',
    metrics: [['doctune_dataset_run_retries', 'class']],
  },
  {
    title: 'Latency',
    description: 'Seconds that half of the answers took at most, and 95 of 100.',
    unit: 's',
    metrics: [['doctune_dataset_run_latency_seconds', 'quantile']],
  },
  {
    title: 'Tokens',
    description: 'Tokens of the latest run by kind, and tokens that the published dataset took.',
    metrics: [['doctune_dataset_run_tokens', 'kind'], ['doctune_dataset_tokens']],
  },
  {
    title: 'Cost',
    description: 'Money of the latest run, and of the published dataset, in the currency of spec.budget.prices.',
    metrics: [['doctune_dataset_run_cost'], ['doctune_dataset_cost']],
  },
];

const panelOf = ({ metrics, ...about }: Chart) =>
  curvesPanel({
    ...about,
    calculations: ['max'],
    curves: metrics.map(([metric, label]) => ({
      expression: perRunAnd(metric, label),
      legend: label === undefined ? objectName : `${objectName} {{${label}}}`,
    })),
  });

/** The dashboard of datasets and of the runs that make them. */
export const datasetDashboard = () =>
  dashboardOf(
    {
      title: 'doctune: datasets',
      uid: 'doctune-datasets',
      description: 'Rows, rejections, requests, tokens and money of Datasets.',
      kind: 'Dataset',
      label: 'Dataset',
    },
    [phase, shares, ...charts.map(panelOf)],
  );
