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

/** How a legend names an object. */
export const objectName = '{{namespace}}/{{name}}';
const last = new Reduce().calcs(['lastNotNull']).values(false);

const wordStat = (title: string, description: string): Stat =>
  new Stat()
    .title(title)
    .description(description)
    .span(12)
    .height(5)
    .textMode(BigValueTextMode.Name)
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.None)
    .reduceOptions(last);

/** The phase of each object of a kind. */
export const phasePanel = (kind: string, description: string): Stat =>
  wordStat('Phase', description).withTarget(
    instant(
      `max by (namespace, name, phase) (doctune_object_phase{kind="${kind}",${chosen}}) == 1`,
      `${objectName}: {{phase}}`,
    ),
  );

/** The word that a label has now, of each object. */
export const wordPanel = (title: string, description: string, metric: string, label: string): Stat =>
  wordStat(title, description).withTarget(instant(`${perRunAnd(metric, label)} == 1`, `${objectName}: {{${label}}}`));

/** Bars from 0 to 100 %. */
export const sharePanel = (title: string, description: string): BarGauge =>
  new BarGauge()
    .title(title)
    .description(description)
    .span(12)
    .height(5)
    .unit('percentunit')
    .min(0)
    .max(1)
    .displayMode(BarGaugeDisplayMode.Basic)
    .orientation(VizOrientation.Horizontal)
    .reduceOptions(last);

export interface Curves {
  title: string;
  description: string;
  unit?: string;
  /** columns of the legend beside the last value */
  calculations: readonly string[];
  curves: readonly { expression: string; legend: string }[];
}

/** Two such panels stand side by side. */
export function curvesPanel({ title, description, unit = 'none', calculations, curves }: Curves): TimeSeries {
  const panel = new TimeSeries()
    .title(title)
    .description(description)
    .span(12)
    .height(8)
    .unit(unit)
    .lineWidth(1)
    // a short run has few reports, and one alone would draw no line
    .showPoints(VisibilityMode.Auto)
    .legend(new Legend().asTable(true).calcs(['lastNotNull', ...calculations]))
    .tooltip(new Tooltip().mode(TooltipDisplayMode.Multi));
  for (const [index, { expression, legend }] of curves.entries())
    panel.withTarget(query(expression, legend, 'AB'[index]));
  return panel;
}

interface About {
  title: string;
  uid: string;
  description: string;
  /** kind of the objects that are chosen at the top, and what they are called there */
  kind: string;
  label: string;
  /** where the time that is shown begins; an hour ago if not given */
  from?: string;
}

type Panel = Stat | BarGauge | TimeSeries;

/* eslint-disable @typescript-eslint/no-deprecated -- files that a Grafana of any version provisions hold the older schema */

export function dashboardOf(
  { title, uid, description, kind, label, from = 'now-1h' }: About,
  panels: readonly Panel[],
): Dashboard {
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['doctune'])
    .time({ from, to: 'now' })
    .refresh('10s')
    .tooltip(DashboardCursorSync.Crosshair)
    .variables(variables(kind, label));
  for (const [index, panel] of panels.entries()) dashboard.withPanel(panel.id(index + 1).datasource(datasource));
  return dashboard.build();
}
