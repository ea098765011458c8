import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import { curvesPanel, dashboardOf, objectName, phasePanel, sharePanel } from './panels.ts';
import { instant, perRun, query } from './queries.ts';

const phase = phasePanel(
  'FineTuneJob',
  'Where each run stands, and what to look at with kubectl describe when it is Failed.',
);

const progress = sharePanel('Progress', 'Share of the steps that are done.').withTarget(
  instant(perRun('doctune_training_progress_ratio'), objectName),
);

interface Chart {
  title: string;
  description: string;
  unit: string;
  /** name of each curve of a run, '' for the only one, and its metric */
  metrics: Readonly<Record<string, string>>;
}

const charts: readonly Chart[] = [
  {
    title: 'Loss',
    description:
      'Loss on the rows that are trained on, and on the validation rows. The second rises when a run overfits.',
    unit: 'none',
    metrics: { train: 'doctune_training_loss', validation: 'doctune_training_eval_loss' },
  },
  {
    title: 'Learning rate',
    description: 'Learning rate of the last step.',
    unit: 'sci',
    metrics: { '': 'doctune_training_learning_rate' },
  },
  {
    title: 'Tokens per second',
    description: 'Tokens that were trained on, per second.',
    unit: 'none',
    metrics: { '': 'doctune_training_tokens_per_second' },
  },
  {
    title: 'Padding',
    description: 'Share of the places in all batches that no token fills.',
    unit: 'percentunit',
    metrics: { '': 'doctune_training_padding_ratio' },
  },
  {
    title: 'Tokens',
    description: 'Tokens that were trained on so far, without padding.',
    unit: 'none',
    metrics: { '': 'doctune_training_tokens' },
  },
  {
    title: 'GPU utilisation',
    description:
      'Share of the time in which the GPU was at work, and share of its arithmetic that the training uses. Empty for runs without GPU.',
    unit: 'percentunit',
    metrics: { busy: 'doctune_training_gpu_utilization_ratio', arithmetic: 'doctune_training_mfu_ratio' },
  },
  {
    title: 'Steps',
    description: 'Steps of the optimizer that are done.',
    unit: 'none',
    metrics: { '': 'doctune_training_step' },
  },
  {
    title: 'GPU memory',
    description: 'GPU memory in use, and the most of it so far. Empty for runs without GPU.',
    unit: 'bytes',
    metrics: { used: 'doctune_training_gpu_memory_bytes', peak: 'doctune_training_gpu_memory_peak_bytes' },
  },
  {
    title: 'Host memory',
    description: 'Memory of the trainer, and the most of it so far. Empty for runs with a GPU.',
    unit: 'bytes',
    metrics: { used: 'doctune_training_host_memory_bytes', peak: 'doctune_training_host_memory_peak_bytes' },
  },
  {
    title: 'Silent for too long',
    description:
      '1 while a run under way has been silent for longer than its watchdog.stallSeconds. The alert "DoctuneRunStalled" looks at this.',
    unit: 'none',
    metrics: { '': 'doctune_training_stalled' },
  },
];

const panelOf = ({ metrics, ...about }: Chart) =>
  curvesPanel({
    ...about,
    calculations: ['min', 'max'],
    curves: Object.entries(metrics).map(([name, metric]) => ({
      expression: perRun(metric),
      legend: `${objectName} ${name}`.trim(),
    })),
  });

const age = (): TimeSeries =>
  new TimeSeries()
    .title('Time since the last report')
    .description('A run reports every few seconds.')
    .span(24)
    .height(6)
    .unit('s')
    .lineWidth(1)
    .withTarget(query(`time() - ${perRun('doctune_training_last_report_timestamp_seconds')}`, objectName));

/** The dashboard of training runs. */
export const trainingDashboard = () =>
  dashboardOf(
    {
      title: 'doctune: training runs',
      uid: 'doctune-training',
      description: 'Loss, speed and memory of FineTuneJobs.',
      kind: 'FineTuneJob',
      label: 'Run',
    },
    [phase, progress, ...charts.map(panelOf), age()],
  );
