/**
 * Writes every generated file of the repository. With --check nothing is written: the exit status is 1 when a committed
 * file differs from what would be written.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { contractFiles } from './generate/contract.ts';
import { crdFiles } from './generate/crds.ts';
import { dashboardFiles } from './generate/dashboards.ts';
import { referenceFiles } from './generate/reference.ts';
import { roleFiles } from './generate/role-rules.ts';
import { valuesSchemaFiles } from './generate/values-schema.ts';

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });

const files = [
  ...contractFiles(),
  ...crdFiles(),
  ...roleFiles(),
  ...referenceFiles(),
  ...dashboardFiles(),
  ...valuesSchemaFiles(),
];
const stale: string[] = [];
for (const { path, content } of files) {
  const target = join(root, path);
  const current = await readFile(target, 'utf8').catch(() => undefined);
  if (current === content) continue;
  stale.push(path);
  if (values.check) continue;
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, content);
}

const verb = values.check ? 'out of date' : 'written';
for (const path of stale) console.log(`${verb}: ${path}`);
console.log(`${String(files.length)} generated files, ${String(stale.length)} ${verb}`);
if (values.check && stale.length > 0) {
  console.error('run "npm run generate" and commit the result');
  process.exitCode = 1;
}
