import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** The scripted endpoint in a process of its own, so that it takes no time from the client. */
export async function startServer(latencyMs: number): Promise<{ url: string; stop: () => void }> {
  const program = join(import.meta.dirname, '../../tests/model-endpoint/index.ts');
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1', LATENCY_MS: String(latencyMs) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = /\d+/.exec(String(line))?.[0] ?? '';
  return { url: `http://127.0.0.1:${port}/v1`, stop: () => child.kill() };
}
