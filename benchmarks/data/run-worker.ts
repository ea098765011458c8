import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Success } from '../../src/contract/result.ts';
import type { GenerateInput } from '../../src/contract/inputs.ts';
import { startWorker } from '../../tests/builders/worker-process.ts';
import { generatorFlags } from '../../src/reconcilers/dataset/render.ts';

export interface Measured {
  result: Success<'generate-dataset'>;
  seconds: number;
  /** most resident memory of the worker itself; the processes that parse have their own limit */
  peakBytes: number;
}

const watchMilliseconds = 100;
const program = [...generatorFlags, 'dist/workers/generate-dataset.mjs'];
let isBuilt = false;

/** Run generate-dataset as its container does, from the bundle of the image, and watch its memory. Throws when it fails. */
export async function runMeasured(input: GenerateInput, store: string): Promise<Measured> {
  if (!isBuilt) execFileSync(process.execPath, ['scripts/build.ts'], { stdio: ['ignore', 'ignore', 'inherit'] });
  isBuilt = true;
  const start = performance.now();
  const { process: child, finished } = startWorker('generate-dataset', input, store, {}, program);
  let peakBytes = 0;
  const watch = setInterval(() => (peakBytes = Math.max(peakBytes, highWater(child.pid))), watchMilliseconds);
  const { result, logs } = await finished;
  clearInterval(watch);
  const seconds = (performance.now() - start) / 1000;
  if (result?.exitCode !== 0) throw new Error(`the worker failed: ${JSON.stringify(result)}\n${logs.slice(-2000)}`);
  return { result: result as Measured['result'], seconds, peakBytes };
}

/** VmHWM of Linux: the most that was resident so far. */
function highWater(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    // it has ended
    return 0;
  }
}
