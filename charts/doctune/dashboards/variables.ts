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

/** Which Prometheus, and which objects of a kind in which namespaces. */
export const variables = (kind: string, label: string): { build(): VariableModel }[] => [
  new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'),
  choice('namespace', 'Namespace', `label_values(doctune_object_phase{kind="${kind}"}, namespace)`),
  choice('name', label, `label_values(doctune_object_phase{kind="${kind}",namespace=~"$namespace"}, name)`),
];
