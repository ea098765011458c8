import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createMetrics, exposeState } from '../../src/controller/metrics.ts';
import { exportedMetrics } from '../builders/metrics.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const page = read('docs/operations.md');

/** Names in backquotes. */
const quoted = (cell: string | undefined): string[] =>
  [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name!);

/** Rows of the table with this heading, each as its cells. */
function rowsOf(heading: string): string[][] {
  const lines = page.split('\n');
  const rows: string[][] = [];
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith(`| ${heading} |`)) continue;
    for (let next = index + 2; lines[next]?.startsWith('|') === true; next += 1)
      rows.push(
        lines[next]!.split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
  }
  return rows;
}

interface OwnMetric {
  name: string;
  labelNames: string[];
}

/** The operator's own metrics; those that prom-client adds of the process are left out. */
function ownMetrics(): Map<string, Set<string>> {
  const metrics = createMetrics('host');
  exposeState(metrics, { leaseName: 'lease', isLeader: () => true, reflectors: () => [] });
  const all = metrics.registry.getMetricsAsArray() as unknown as OwnMetric[];
  const own = all.filter(({ name }) => !/^(process|nodejs)_/.test(name));
  return new Map(own.map(({ name, labelNames }) => [name, new Set(labelNames)]));
}

describe('docs/operations.md', () => {
  test('lists every metric with its labels, and no other', () => {
    const listed = rowsOf('metric').map(([name, labels]) => [quoted(name)[0]!, new Set(quoted(labels))] as const);
    expect(new Map(listed)).toEqual(new Map([...exportedMetrics(), ...ownMetrics()]));
  });

  test('lists every alert, and no other', () => {
    const { groups } = parse(read('charts/doctune/rules/doctune.rules.yaml')) as {
      groups: { rules: { alert: string }[] }[];
    };
    const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
    expect(rowsOf('alert').flatMap(([name]) => quoted(name))).toEqual(alerts);
  });

  test('names values that the chart has', () => {
    const values: unknown = parse(read('charts/doctune/values.yaml'));
    const named = rowsOf('value').flatMap(([name]) => quoted(name));
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) {
      const value = name.split('.').reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], values);
      expect(value, `values.yaml has no "${name}"`).toBeDefined();
    }
  });
});
