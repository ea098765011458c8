import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../charts/doctune/dashboards');

interface Dashboard {
  panels: { title: string; targets: { expr: string }[] }[];
}

export interface DashboardQuery {
  panel: string;
  /** PromQL with nothing left to fill in */
  expression: string;
  /** gives no series for a run without GPU */
  isGpuOnly: boolean;
}

/** what Grafana puts in by itself, for a dashboard that shows the last 5 minutes */
const builtIn = { __rate_interval: '1m', __interval: '15s', __range: '5m' };

function filled(expression: string, values: Readonly<Record<string, string>>): string {
  return expression.replace(/\$\{?(\w+)\}?/g, (_, variable: string) => {
    const value = values[variable];
    if (value === undefined) throw new Error(`the dashboard has no variable "${variable}": ${expression}`);
    return value;
  });
}

/** The queries of a dashboard that ships, as Grafana would send them for one chosen run. */
export async function dashboardQueries(
  run: { namespace: string; name: string },
  name: 'training' | 'datasets' | 'evaluations' = 'training',
): Promise<DashboardQuery[]> {
  const { panels } = JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8')) as Dashboard;
  return panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({
      panel: title,
      expression: filled(expr, { ...builtIn, ...run }),
      isGpuOnly: /doctune_training_(gpu|mfu)_/.test(expr),
    })),
  );
}
