import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { stringify } from 'yaml';
import { renderConfigMap, renderJob } from '../../src/reconcilers/shared/job.ts';
import { runSettings } from '../../src/reconcilers/shared/run-settings.ts';
import type { WorkerRun } from '../../src/reconcilers/shared/worker-run.ts';
import { settings } from './objects.ts';

/** Job and ConfigMap of a run as YAML, after the schemas of Kubernetes have accepted them. */
export function manifests(worker: WorkerRun): string {
  const configMap = renderConfigMap(worker, runSettings(settings));
  const job = renderJob(worker, runSettings(settings));
  new ConfigMap(configMap).validate();
  new Job(job).validate();
  return [configMap, job].map((object) => stringify(object, { lineWidth: 120 })).join('---\n');
}
