import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../cluster/machine/command.ts';
import { promtoolBinary } from '../cluster/prometheus.ts';

const folder = join(import.meta.dirname, '../../charts/doctune/rules');

test('promtool accepts the alert rules, and each fires when it must and only then', { timeout: 300_000 }, async () => {
  const promtool = await promtoolBinary();
  expect(await run(promtool, ['check', 'rules', '--lint-fatal', join(folder, 'doctune.rules.yaml')])).toContain(
    'SUCCESS: 3 rules found',
  );
  const tests = join(folder, 'tests/doctune.test.yaml');
  expect(await run(promtool, ['test', 'rules', tests])).toContain('SUCCESS');
});
