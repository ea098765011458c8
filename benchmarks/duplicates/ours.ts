import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { createRowDuplicates } from '../../src/workers/generate-dataset/duplicates/row-duplicates.ts';

export interface Found {
  clusters: { kept: number; dropped: { id: number }[] }[];
  /** of the processor, without starting and reading */
  seconds: number;
  peakBytes: number;
}

const program = import.meta.filename;

/** In a process of its own, so that its memory is its own. */
export async function measureOurs(file: string): Promise<Found> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, file], { maxBuffer: 1e9 });
  return JSON.parse(stdout) as Found;
}

if (import.meta.main) {
  const rows = (await readFile(process.argv[2] ?? '', 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { question: string; answer: string });
  const start = process.cpuUsage();
  const finder = createRowDuplicates({ question: 0.8, row: 0.9 });
  for (const row of rows) finder.add({ ...row, score: 0 });
  const clusters = finder.finish();
  const { user, system } = process.cpuUsage(start);
  const found = { clusters, seconds: (user + system) / 1e6, peakBytes: process.resourceUsage().maxRSS * 1024 };
  process.stdout.write(JSON.stringify(found));
}
