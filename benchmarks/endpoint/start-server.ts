import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { LogEntry } from '../../tests/model-endpoint/index.ts';

export interface Server {
  url: string;
  log: () => Promise<LogEntry[]>;
  stop: () => void;
}

/** The scripted endpoint in a process of its own, so that it takes no time from the client. */
export async function startServer(latencyMs: number): Promise<Server> {
  const program = join(import.meta.dirname, '../../tests/model-endpoint/index.ts');
  const child = spawn(process.execPath, [program], {
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1', LATENCY_MS: String(latencyMs) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = /\d+/.exec(String(line))?.[0] ?? '';
  const address = `http://127.0.0.1:${port}`;
  return {
    url: `${address}/v1`,
    log: async () => (await (await fetch(`${address}/log`)).json()) as LogEntry[],
    stop: () => child.kill(),
  };
}
