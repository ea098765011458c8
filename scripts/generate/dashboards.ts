import { trainingDashboard } from '../../charts/doctune/dashboards/training.ts';
import type { GeneratedFile } from './file.ts';

/** The dashboards as Grafana reads them. JSON has no comments to say that they are generated; the check does. */
export function dashboardFiles(): GeneratedFile[] {
  return [
    {
      path: 'charts/doctune/dashboards/training.json',
      content: `${JSON.stringify(trainingDashboard(), null, 2)}\n`,
    },
  ];
}
