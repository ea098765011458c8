import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { createContamination } from '../src/workers/generate-dataset/contamination/contamination.ts';
import { readBenchmarks } from '../src/workers/generate-dataset/contamination/public.ts';

// it starts a process
vi.setConfig({ testTimeout: 60_000 });

const question =
  'A gardener plants seven rows of nine tulips and then gives a third of all of them to the school next door. How many are left?';

test('[T33] a benchmark of a local file is hashed, replaces its older entry, and is recognised in rows', () => {
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-'));
  const [file, data] = [join(folder, 'items.jsonl.gz'), join(folder, 'data.json')];
  writeFileSync(data, '[]');
  const hash = (...items: object[]): string => {
    writeFileSync(file, gzipSync(items.map((item) => `${JSON.stringify(item)}\n`).join('')));
    const about = ['--name', 'Sums', '--fields', 'question,answer', '--source', 'here', '--licence', 'MIT'];
    return execFileSync(process.execPath, ['scripts/hash-benchmark.ts', ...about, '--data', data, file], {
      encoding: 'utf8',
    });
  };
  expect(hash({ question: 'short', answer: '1' })).toContain('1 items, of which 1 are too short');
  expect(hash({ question, answer: '#### 42' })).toContain('1 items, of which 0 are too short');
  const benchmarks = readBenchmarks(JSON.parse(readFileSync(data, 'utf8')));
  expect(benchmarks.map(({ name, items }) => [name, items.length])).toEqual([['Sums', 1]]);
  const contamination = createContamination({ benchmarks });
  expect(contamination.check(`Solve this. ${question}`)).toMatchObject({ name: 'Sums' });
  expect(contamination.check('Set the option port of the server, which is 8080 if nothing else is given there.')).toBe(
    undefined,
  );
});
