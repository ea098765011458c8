import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';

/** Matchers for the runs that are chosen at the top of the dashboard. */
export const chosen = 'namespace=~"$namespace",name=~"$name"';

/** One series a run. Without it a restart of the operator would start new ones: the scrape adds the pod's name. */
export const perRun = (metric: string): string => `max by (namespace, name) (${metric}{${chosen}})`;

/** The same for each value of a label. */
export const perRunAnd = (metric: string, label?: string): string =>
  label === undefined ? perRun(metric) : `max by (namespace, name, ${label}) (${metric}{${chosen}})`;

/** Curves of an evaluation: one a metric and split, of these metrics alone. */
export const perFigure = (series: string, metrics: readonly string[]): string =>
  `max by (namespace, name, metric, split) (${series}{${chosen},metric=~"${metrics.join('|')}"})`;

/** `id` is a letter, unlike those of the other queries of a panel. */
export const query = (expression: string, legend: string, id = 'A'): DataqueryBuilder =>
  new DataqueryBuilder().refId(id).expr(expression).legendFormat(legend).range();

/** Only the newest value. */
export const instant = (expression: string, legend: string): DataqueryBuilder =>
  new DataqueryBuilder().refId('A').expr(expression).legendFormat(legend).instant();
