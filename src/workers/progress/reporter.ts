import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { Agent, request } from 'undici';
import { environment } from '../../contract/environment.ts';

export interface Progress {
  /** share of the work that is done, 0 to 1 */
  share?: number;
  remainingSeconds?: number;
  metrics?: Record<string, number>;
}

export interface ProgressReporter {
  /** Note the latest state. Returns at once: posts are sent in the background, at most one in `intervalMs`. */
  report(progress: Progress): void;
  /** Send what is noted and not sent yet. */
  close(): Promise<void>;
}

const intervalMs = 2_000;
const timeoutMs = 5_000;

export const silentReporter: ProgressReporter = { report: () => undefined, close: () => Promise.resolve() };

/** A reporter for the server named by the environment; silent where none is named. A failed post never fails the work. */
export function createReporter(log: Logger, env: NodeJS.ProcessEnv = process.env): ProgressReporter {
  const url = env[environment.progressUrl.name];
  if (url === undefined || url === '') return silentReporter;
  const post = createPost(url, env);
  let latest: Progress | undefined;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  // the first report goes out at once, so that a run is seen to start
  let delayMs = 0;

  const flush = (): void => {
    timer = undefined;
    if (latest === undefined) return;
    const body = renderReport(latest, new Date());
    latest = undefined;
    running = running
      .then(() => post(body))
      .catch((error: unknown) => log.debug({ err: error }, 'progress was not sent'));
  };
  return {
    report(progress) {
      latest = progress;
      timer ??= setTimeout(flush, delayMs).unref();
      delayMs = intervalMs;
    },
    async close() {
      clearTimeout(timer);
      flush();
      await running;
    },
  };
}

/** The body of KEP-2779: metric values are strings there. */
export function renderReport(progress: Progress, now: Date): string {
  const { share, remainingSeconds, metrics } = progress;
  return JSON.stringify({
    trainerStatus: {
      ...(share === undefined ? {} : { progressPercentage: Math.max(0, Math.min(100, Math.floor(share * 100))) }),
      ...(remainingSeconds === undefined
        ? {}
        : { estimatedRemainingSeconds: Math.max(0, Math.round(remainingSeconds)) }),
      metrics: Object.entries(metrics ?? {}).map(([name, value]) => ({ name, value: String(value) })),
      lastUpdatedTime: now.toISOString(),
    },
  });
}

function createPost(url: string, env: NodeJS.ProcessEnv): (body: string) => Promise<void> {
  let agent: Agent | undefined;
  return async (body) => {
    const caFile = env[environment.progressCa.name];
    agent ??= new Agent(caFile === undefined ? {} : { connect: { ca: await readFile(caFile, 'utf8') } });
    const headers: Record<string, string> = { 'content-type': 'application/json' };
    // read at each post: a projected token is renewed while the worker runs
    const tokenFile = env[environment.progressToken.name];
    if (tokenFile !== undefined) headers['authorization'] = `Bearer ${(await readFile(tokenFile, 'utf8')).trim()}`;
    const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs };
    const response = await request(url, { method: 'POST', body, headers, dispatcher: agent, ...timeouts });
    await response.body.dump();
    if (response.statusCode >= 300) throw new Error(`the progress server answered ${response.statusCode}`);
  };
}
