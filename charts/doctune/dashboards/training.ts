import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge';
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder as Reduce,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder as Legend,
  VizOrientation,
  VizTooltipOptionsBuilder as Tooltip,
} from '@grafana/grafana-foundation-sdk/common';
import { DashboardBuilder, DashboardCursorSync } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import { chosen, instant, perRun, query } from './queries.ts';
import { datasource, variables } from './variables.ts';

const run = '{{namespace}}/{{name}}';
const last = new Reduce().calcs(['lastNotNull']).values(false);

const phase = (): Stat =>
  new Stat()
    .title('Phase')
    .description('Where each run stands, and what to look at with kubectl describe when it is Failed.')
    .span(12)
    .height(5)
    .textMode(BigValueTextMode.Name)
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.None)
    .reduceOptions(last)
    .withTarget(
      instant(
        `max by (namespace, name, phase) (doctune_object_phase{kind="FineTuneJob",${chosen}}) == 1`,
        `${run}: {{phase}}`,
      ),
    );

const progress = (): BarGauge =>
  new BarGauge()
    .title('Progress')
    .description('Share of the steps that are done.')
    .span(12)
    .height(5)
    .unit('percentunit')
    .min(0)
    .max(1)
    .displayMode(BarGaugeDisplayMode.Basic)
    .orientation(VizOrientation.Horizontal)
    .reduceOptions(last)
    .withTarget(instant(perRun('doctune_training_progress_ratio'), run));

interface Curves {
  title: string;
  description: string;
  unit: string;
  /** name of each curve of a run, '' for the only one, and its metric */
  metrics: Readonly<Record<string, string>>;
}

function curves({ title, description, unit, metrics }: Curves): TimeSeries {
  const panel = new TimeSeries()
    .title(title)
    .description(description)
    .span(12)
    .height(8)
    .unit(unit)
    .lineWidth(1)
    // a short run has few reports, and one alone would draw no line
    .showPoints(VisibilityMode.Auto)
    .legend(new Legend().asTable(true).calcs(['lastNotNull', 'min', 'max']))
    .tooltip(new Tooltip().mode(TooltipDisplayMode.Multi));
  for (const [index, [name, metric]] of Object.entries(metrics).entries())
    panel.withTarget(query(perRun(metric), `${run} ${name}`.trim(), 'AB'[index]));
  return panel;
}

const charts: readonly Curves[] = [
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
];

const age = (): TimeSeries =>
  new TimeSeries()
    .title('Time since the last report')
    .description('A run reports every few seconds. The alert "DoctuneRunStalled" looks at this.')
    .span(24)
    .height(6)
    .unit('s')
    .lineWidth(1)
    .withTarget(query(`time() - ${perRun('doctune_training_last_report_timestamp_seconds')}`, run));

/* eslint-disable @typescript-eslint/no-deprecated -- files that a Grafana of any version provisions hold the older schema */

/** The dashboard of training runs. */
export function trainingDashboard(): Dashboard {
  const dashboard = new DashboardBuilder('doctune: training runs')
    .uid('doctune-training')
    .description('Loss, speed and memory of FineTuneJobs.')
    .tags(['doctune'])
    .time({ from: 'now-1h', to: 'now' })
    .refresh('10s')
    .tooltip(DashboardCursorSync.Crosshair)
    .variables(variables('FineTuneJob', 'Run'));
  const panels = [phase(), progress(), ...charts.map(curves), age()];
  for (const [index, panel] of panels.entries()) dashboard.withPanel(panel.id(index + 1).datasource(datasource));
  return dashboard.build();
}
