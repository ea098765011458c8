import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemNamespace } from '../../scripts/local/install.ts';
import { portForward } from '../../scripts/local/port-forward.ts';
import { freePort } from '../builders/free-port.ts';
import { prometheusBinary } from '../cluster/prometheus.ts';

/** One series of an instant query, or of a range query with all of its values. */
export interface Series {
  labels: Record<string, string>;
  /** [seconds since the epoch, value] */
  points: [number, number][];
}

export interface Prometheus extends AsyncDisposable {
  query(expression: string): Promise<Series[]>;
  /** from the start of this Prometheus until now */
  queryRange(expression: string, stepSeconds: number): Promise<Series[]>;
}

interface Answer {
  status: string;
  error?: string;
  data: { result: { metric: Record<string, string>; value?: [number, string]; values?: [number, string][] }[] };
}

const scrapeSeconds = 2;

const configuration = (target: string): object => ({
  global: { scrape_interval: `${scrapeSeconds}s`, evaluation_interval: `${scrapeSeconds}s` },
  scrape_configs: [
    // the job that the chart's ServiceMonitor gives
    { job_name: 'doctune', static_configs: [{ targets: [target] }] },
  ],
});

/** A real Prometheus that scrapes the operator of the test cluster, until it is disposed of. */
export async function startPrometheus(): Promise<Prometheus> {
  const forward = await portForward(systemNamespace, 'deployment/doctune', 8080);
  const folder = await mkdtemp(join(tmpdir(), 'doctune-prometheus-'));
  const file = join(folder, 'prometheus.yml');
  await writeFile(file, JSON.stringify(configuration(`127.0.0.1:${forward.port}`)));
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    await prometheusBinary(),
    [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=${address}`],
    { stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => child.once('close', resolve));
  const start = Date.now() / 1000;

  async function ask(path: string, parameters: Record<string, string>): Promise<Series[]> {
    const response = await fetch(`http://${address}/api/v1/${path}?${new URLSearchParams(parameters).toString()}`);
    const answer = (await response.json()) as Answer;
    if (answer.status !== 'success')
      throw new Error(`"${parameters['query'] ?? ''}" was refused: ${answer.error ?? ''}`);
    return answer.data.result.map(({ metric, value, values }) => ({
      labels: metric,
      points: (values ?? (value ? [value] : [])).map(([time, text]) => [time, Number(text)]),
    }));
  }
  const prometheus: Prometheus = {
    query: (expression) => ask('query', { query: expression }),
    queryRange: (expression, stepSeconds) =>
      ask('query_range', {
        query: expression,
        start: String(start),
        end: String(Date.now() / 1000),
        step: String(stepSeconds),
      }),
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
      await forward[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
  await untilReady(address);
  return prometheus;
}

async function untilReady(address: string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const isReady = await fetch(`http://${address}/-/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('prometheus did not get ready within 10 s');
}
