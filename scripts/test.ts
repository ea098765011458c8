/**
 * `npm test`: all checks and tests, on a cluster that is started if there is none.
 * `npm test -- unit e2e` runs the named stages alone. Ends with one line: N passed, N failed, N skipped.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { add, readJunit, readVitest, type Counts, type Report } from './test/counts.ts';
import { type Stage, stages } from './test/stages.ts';

const directory = mkdtempSync(join(tmpdir(), 'doctune-test-'));
const all = stages(directory);
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !all.some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(
    `there is no stage "${unknown.join('", "')}"; the stages are ${all.map((stage) => stage.name).join(', ')}`,
  );
  process.exit(2);
}

function run(stage: Stage): Promise<boolean> {
  const [program, ...parameters] = stage.command;
  return new Promise((resolve) => {
    const child = spawn(program, parameters, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', (error) => {
      console.error(error.message);
      resolve(false);
    });
    child.on('exit', (code) => resolve(code === 0));
  });
}

function read(stage: Stage, isOk: boolean): Report {
  const single = { counts: { passed: isOk ? 1 : 0, failed: isOk ? 0 : 1, skipped: 0 }, failures: [] };
  if (!stage.report || !existsSync(stage.report.file)) return single;
  const text = readFileSync(stage.report.file, 'utf8');
  const report = stage.report.format === 'vitest' ? readVitest(text) : readJunit(text);
  // a runner that fails without a failed test (a broken set-up, no test at all) must not look green
  if (!isOk && report.counts.failed === 0) return { ...report, counts: add(report.counts, single.counts) };
  return report;
}

let total: Counts = { passed: 0, failed: 0, skipped: 0 };
const broken = new Set<string>();
const summary: string[] = [];
for (const stage of all.filter(({ name }) => chosen.length === 0 || chosen.includes(name))) {
  const missing = stage.needs?.filter((name) => broken.has(name)) ?? [];
  if (missing.length > 0) {
    broken.add(stage.name);
    total = add(total, { passed: 0, failed: 1, skipped: 0 });
    summary.push(`${stage.name}: not run, since "${missing.join('", "')}" failed`);
    continue;
  }
  console.log(`\n== ${stage.name} (usually ${stage.usual})`);
  const start = Date.now();
  const isOk = await run(stage);
  const { counts, failures } = read(stage, isOk);
  if (!isOk) broken.add(stage.name);
  total = add(total, counts);
  const seconds = Math.round((Date.now() - start) / 1000);
  summary.push(
    `${stage.name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped in ${seconds} s`,
    ...failures.map((name) => `  failed: ${name.replace(`${process.cwd()}/`, '')}`),
  );
}
rmSync(directory, { recursive: true });

console.log(`\n${summary.join('\n')}\n`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;
