/**
 * Makes a dataset of 100,000 chunks and another one of 100,000 rows that were made elsewhere, and prints the time of each
 * and the most memory that its worker held. COUNT gives another number.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runMeasured } from './data/run-worker.ts';
import { sets } from './memory/sets.ts';

const limitBytes = 600e6;
const count = Number(process.env['COUNT'] ?? 100_000);

for (const { name, input } of sets) {
  const store = mkdtempSync(join(tmpdir(), 'memory-'));
  try {
    const { result, seconds, peakBytes } = await runMeasured(await input(store, count), store);
    const { rows } = result.summary;
    const total = rows.train + rows.validation + rows.test + rows.recall;
    console.log(
      `${count} ${name}: ${total} rows, ${rows.rejected} rejected, ${seconds.toFixed(0)} s, ` +
        `at most ${Math.round(peakBytes / 1e6)} MB resident (limit ${limitBytes / 1e6} MB)`,
    );
    if (peakBytes > limitBytes) process.exitCode = 1;
  } finally {
    rmSync(store, { recursive: true });
  }
}
