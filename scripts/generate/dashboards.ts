import { datasetDashboard } from '../../charts/doctune/dashboards/datasets.ts';
import { evaluationDashboard } from '../../charts/doctune/dashboards/evaluations.ts';
import { trainingDashboard } from '../../charts/doctune/dashboards/training.ts';
import type { GeneratedFile } from './file.ts';

/** The dashboards as Grafana reads them. JSON has no comments to say that they are generated; the check does. */
export function dashboardFiles(): GeneratedFile[] {
  const dashboards = {
    training: trainingDashboard(),
    datasets: datasetDashboard(),
    evaluations: evaluationDashboard(),
  };
  return Object.entries(dashboards).map(([name, dashboard]) => ({
    path: `charts/doctune/dashboards/${name}.json`,
    content: `${JSON.stringify(dashboard, null, 2)}\n`,
  }));
}
