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
import { chosen, instant, perRunAnd, query } from './queries.ts';
import { datasource, variables } from './variables.ts';

const dataset = '{{namespace}}/{{name}}';
const last = new Reduce().calcs(['lastNotNull']).values(false);

const phase = (): Stat =>
  new Stat()
    .title('Phase')
    .description('Where each dataset stands, and what to look at with kubectl describe when it failed.')
    .span(12)
    .height(5)
    .textMode(BigValueTextMode.Name)
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.None)
    .reduceOptions(last)
    .withTarget(
      instant(
        `max by (namespace, name, phase) (doctune_object_phase{kind="Dataset",${chosen}}) == 1`,
        `${dataset}: {{phase}}`,
      ),
    );

const shares = (): BarGauge =>
  new BarGauge()
    .title('Coverage and acceptance')
    .description('Share of the usable chunks that have a row, and share of the rows made that were accepted.')
    .span(12)
    .height(5)
    .unit('percentunit')
    .min(0)
    .max(1)
    .displayMode(BarGaugeDisplayMode.Basic)
    .orientation(VizOrientation.Horizontal)
    .reduceOptions(last)
    .withTarget(instant(perRunAnd('doctune_dataset_coverage_ratio'), `${dataset} coverage`))
    .withTarget(instant(perRunAnd('doctune_dataset_accept_ratio'), `${dataset} accepted`).refId('B'));

interface Curves {
  title: string;
  description: string;
  unit?: string;
  /** each with the label that tells its curves of one dataset apart */
  metrics: readonly [metric: string, label?: string][];
}

function curves({ title, description, unit = 'none', metrics }: Curves): TimeSeries {
  const panel = new TimeSeries()
    .title(title)
    .description(description)
    .span(12)
    .height(8)
    .unit(unit)
    .lineWidth(1)
    .showPoints(VisibilityMode.Auto)
    .legend(new Legend().asTable(true).calcs(['lastNotNull', 'max']))
    .tooltip(new Tooltip().mode(TooltipDisplayMode.Multi));
  for (const [index, [metric, label]] of metrics.entries()) {
    const legend = label === undefined ? dataset : `${dataset} {{${label}}}`;
    panel.withTarget(query(perRunAnd(metric, label), legend, 'AB'[index]));
  }
  return panel;
}

const charts: readonly Curves[] = [
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

/* eslint-disable @typescript-eslint/no-deprecated -- files that a Grafana of any version provisions hold the older schema */

/** The dashboard of datasets and of the runs that make them. */
export function datasetDashboard(): Dashboard {
  const dashboard = new DashboardBuilder('doctune: datasets')
    .uid('doctune-datasets')
    .description('Rows, rejections, requests, tokens and money of Datasets.')
    .tags(['doctune'])
    .time({ from: 'now-1h', to: 'now' })
    .refresh('10s')
    .tooltip(DashboardCursorSync.Crosshair)
    .variables(variables('Dataset', 'Dataset'));
  const panels = [phase(), shares(), ...charts.map(curves)];
  for (const [index, panel] of panels.entries()) dashboard.withPanel(panel.id(index + 1).datasource(datasource));
  return dashboard.build();
}
