import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/** For a test: tries what a child process that reads documents must not do, and tells how each try ended. */
function tryTo(act: () => unknown): string {
  try {
    act();
    return 'allowed';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'failed';
  }
}

process.send?.({
  passwd: tryTo(() => readFileSync('/etc/passwd')),
  write: tryTo(() => writeFileSync('/tmp/doctune-spy', '')),
  spawn: tryTo(() => spawnSync('true')),
  // names that node itself sets for a child
  environment: Object.keys(process.env).filter((name) => !name.startsWith('NODE_')),
});
