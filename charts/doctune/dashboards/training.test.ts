import { describe, expect, test } from 'vitest';
import { exportedMetrics } from '../../../tests/builders/metrics.ts';
import { parseQuery } from '../../../tests/builders/promql.ts';
import { dashboardQueries } from '../../../tests/e2e/dashboard-queries.ts';
import { trainingDashboard } from './training.ts';

const run = { namespace: 'docs', name: 'quickstart' };
const queries = await dashboardQueries(run);

describe('the dashboard of training runs', () => {
  test.each(queries)('$panel: $expression', ({ expression }) => {
    const { errors, metrics, labels } = parseQuery(expression);
    expect(errors).toEqual([]);
    expect(metrics).toHaveLength(1);
    const exported = exportedMetrics().get(metrics[0]!);
    expect(exported, `the operator has no metric "${metrics[0]!}"`).toBeDefined();
    expect(labels.filter((label) => !exported!.has(label))).toEqual([]);
  });

  test('every query is of the chosen runs alone', () => {
    for (const { expression } of queries) expect(expression).toContain('namespace=~"docs",name=~"quickstart"');
  });

  test('every training metric has a panel', () => {
    const shown = new Set(queries.flatMap(({ expression }) => parseQuery(expression).metrics));
    const trained = [...exportedMetrics().keys()].filter((name) => name.startsWith('doctune_training_'));
    expect(trained.filter((name) => !shown.has(name))).toEqual([]);
  });

  test('only the panel of GPU memory is empty without GPU', () => {
    const panels = queries.filter(({ isGpuOnly }) => isGpuOnly).map(({ panel }) => panel);
    expect(new Set(panels)).toEqual(new Set(['GPU memory']));
  });

  test('panels are known by number, and lie beside each other', () => {
    const panels = (trainingDashboard().panels ?? []) as {
      id: number;
      gridPos: Record<'x' | 'y' | 'w' | 'h', number>;
    }[];
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${String(x + (index % w))},${String(y + Math.floor(index / w))}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });
});
