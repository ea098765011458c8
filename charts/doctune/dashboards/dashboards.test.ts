import { describe, expect, test } from 'vitest';
import { exportedMetrics } from '../../../tests/builders/metrics.ts';
import { parseQuery } from '../../../tests/builders/promql.ts';
import { dashboardQueries } from '../../../tests/e2e/dashboard-queries.ts';
import { datasetDashboard } from './datasets.ts';
import { evaluationDashboard } from './evaluations.ts';
import { trainingDashboard } from './training.ts';

const run = { namespace: 'docs', name: 'quickstart' };
const queries = await dashboardQueries(run);
const ofDatasets = await dashboardQueries(run, 'datasets');
const ofEvaluations = await dashboardQueries(run, 'evaluations');

describe('the dashboards', () => {
  test.each([...queries, ...ofDatasets, ...ofEvaluations])('$panel: $expression', ({ expression }) => {
    const { errors, metrics, labels } = parseQuery(expression);
    expect(errors).toEqual([]);
    expect(metrics).toHaveLength(1);
    const exported = exportedMetrics().get(metrics[0]!);
    expect(exported, `the operator has no metric "${metrics[0]!}"`).toBeDefined();
    expect(labels.filter((label) => !exported!.has(label))).toEqual([]);
  });

  test('every query is of the chosen runs alone', () => {
    for (const { expression } of [...queries, ...ofDatasets, ...ofEvaluations])
      expect(expression).toContain('namespace=~"docs",name=~"quickstart"');
  });

  test.each([
    ['training', queries],
    ['dataset', ofDatasets],
    ['evaluation', ofEvaluations],
  ])('every %s metric has a panel', (kind, shownBy) => {
    const shown = new Set(shownBy.flatMap(({ expression }) => parseQuery(expression).metrics));
    const own = [...exportedMetrics().keys()].filter((name) => name.startsWith(`doctune_${kind}_`));
    expect(own.filter((name) => !shown.has(name))).toEqual([]);
  });

  test('only the panels of the GPU are empty without GPU', () => {
    const panels = queries.filter(({ isGpuOnly }) => isGpuOnly).map(({ panel }) => panel);
    expect(new Set(panels)).toEqual(new Set(['GPU memory', 'GPU utilisation']));
  });

  test.each([trainingDashboard(), datasetDashboard(), evaluationDashboard()])(
    'panels are known by number, and lie beside each other',
    (one) => {
      const panels = (one.panels ?? []) as {
        id: number;
        gridPos: Record<'x' | 'y' | 'w' | 'h', number>;
      }[];
      expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
      const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, index) => `${String(x + (index % w))},${String(y + Math.floor(index / w))}`),
      );
      expect(new Set(cells).size).toBe(cells.length);
    },
  );
});
