import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { VariableModel } from '@grafana/grafana-foundation-sdk/dashboard';

export const datasource = { type: 'prometheus', uid: '${datasource}' };

const choice = (name: string, label: string, query: string): QueryVariableBuilder =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query({ query, refId: 'StandardVariableQuery' })
    // new runs turn up without a reload
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .current({ text: ['All'], value: ['$__all'] });

/** Which Prometheus, and which runs of which namespaces. */
export const variables = (): { build(): VariableModel }[] => [
  new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'),
  choice('namespace', 'Namespace', 'label_values(doctune_object_phase{kind="FineTuneJob"}, namespace)'),
  choice('name', 'Run', 'label_values(doctune_object_phase{kind="FineTuneJob",namespace=~"$namespace"}, name)'),
];
