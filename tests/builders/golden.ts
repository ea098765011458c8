import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Service } from 'kubernetes-models/v1/Service';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { stringify } from 'yaml';
import { hasService, renderService } from '../../src/reconcilers/shared/gang.ts';
import { renderConfigMap, renderJob } from '../../src/reconcilers/shared/job.ts';
import { renderNetworkPolicy } from '../../src/reconcilers/shared/network-policy.ts';
import { runSettings } from '../../src/reconcilers/shared/run-settings.ts';
import type { WorkerRun } from '../../src/reconcilers/shared/worker-run.ts';
import { settings } from './objects.ts';

/** NetworkPolicy, ConfigMap and Job of a run as YAML, after the schemas of Kubernetes have accepted them. */
export function manifests(worker: WorkerRun): string {
  const configMap = renderConfigMap(worker, runSettings(settings));
  const job = renderJob(worker, runSettings(settings));
  const networkPolicy = renderNetworkPolicy(worker, runSettings(settings));
  new NetworkPolicy(networkPolicy).validate();
  new ConfigMap(configMap).validate();
  new Job(job).validate();
  const service = hasService(worker.gang) ? [renderService({ ...configMap.metadata })] : [];
  for (const one of service) new Service(one).validate();
  return [networkPolicy, configMap, ...service, job]
    .map((object) => stringify(object, { lineWidth: 120, aliasDuplicateObjects: false }))
    .join('---\n');
}
