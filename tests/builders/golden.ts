import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Service } from 'kubernetes-models/v1/Service';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { stringify } from 'yaml';
import { hasService, renderService } from '../../src/reconcilers/shared/gang.ts';
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
  const service = hasService(worker.gang) ? [renderService({ ...configMap.metadata })] : [];
  for (const one of service) new Service(one).validate();
  return [configMap, ...service, job].map((object) => stringify(object, { lineWidth: 120 })).join('---\n');
}
