import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { WorkQueue } from './queue.ts';
import type { Outcome } from './reconcile.ts';
import type { Reflector } from './reflector.ts';
import type { OnResponse } from './transport.ts';

/** One sample of a domain metric, computed when it is asked for. */
export interface Series {
  name: string;
  help: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Metrics with the names of controller-runtime and client-go, so that dashboards made for those work. */
export interface ControllerMetrics {
  watchQueue(controller: string, queue: WorkQueue, concurrency: number): void;
  added(controller: string): void;
  reconciled(controller: string, outcome: Outcome, waitedMs: number, tookMs: number): void;
}

export interface Metrics {
  registry: Registry;
  controller: ControllerMetrics;
  onResponse: OnResponse;
}

const seconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

const resultLabel = (outcome: Outcome): string => {
  switch (outcome.result) {
    case 'failed':
      return 'error';
    case 'behind':
      return 'requeue';
    case 'settled':
      return outcome.requeueAfterSeconds === undefined ? 'success' : 'requeue_after';
  }
};

function reconcileMetrics(registers: Registry[]) {
  const labelNames = ['controller'] as const;
  return {
    total: new Counter({
      name: 'controller_runtime_reconcile_total',
      help: 'Reconciles per controller and result',
      labelNames: [...labelNames, 'result'],
      registers,
    }),
    errors: new Counter({
      name: 'controller_runtime_reconcile_errors_total',
      help: 'Failed reconciles per controller',
      labelNames,
      registers,
    }),
    time: new Histogram({
      name: 'controller_runtime_reconcile_time_seconds',
      help: 'Time of a reconcile',
      labelNames,
      buckets: seconds,
      registers,
    }),
    concurrency: new Gauge({
      name: 'controller_runtime_max_concurrent_reconciles',
      help: 'Reconciles that may run at the same time',
      labelNames,
      registers,
    }),
  };
}

function queueMetrics(registers: Registry[], queues: Map<string, WorkQueue>) {
  const labelNames = ['name'] as const;
  const gauge = (name: string, help: string, read: (queue: WorkQueue) => number, label: 'name' | 'controller') =>
    new Gauge({
      name,
      help,
      labelNames: [label],
      registers,
      collect() {
        for (const [controller, queue] of queues) this.set({ [label]: controller }, read(queue));
      },
    });
  gauge('workqueue_depth', 'Keys that wait for a worker', (queue) => queue.depth, 'name');
  gauge('workqueue_delayed', 'Keys with an appointment', (queue) => queue.delayed, 'name');
  gauge('controller_runtime_active_workers', 'Workers at work', (queue) => queue.processing, 'controller');
  const counter = (name: string, help: string) => new Counter({ name, help, labelNames, registers });
  const histogram = (name: string, help: string) =>
    new Histogram({ name, help, labelNames, buckets: seconds, registers });
  return {
    adds: counter('workqueue_adds_total', 'Keys added'),
    retries: counter('workqueue_retries_total', 'Keys added again after a failure'),
    waited: histogram('workqueue_queue_duration_seconds', 'Time of a key in the queue'),
    worked: histogram('workqueue_work_duration_seconds', 'Time of the work on a key'),
  };
}

export function createMetrics(host: string): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const queues = new Map<string, WorkQueue>();
  const reconciles = reconcileMetrics(registers);
  const queued = queueMetrics(registers, queues);
  const requests = new Counter({
    name: 'rest_client_requests_total',
    help: 'Requests to the API server by method and status',
    labelNames: ['code', 'method', 'host'],
    registers,
  });
  return {
    registry,
    onResponse: (method, code) => requests.inc({ code, method, host }),
    controller: {
      watchQueue(controller, queue, concurrency) {
        queues.set(controller, queue);
        reconciles.concurrency.set({ controller }, concurrency);
      },
      added: (name) => queued.adds.inc({ name }),
      reconciled(controller, outcome, waitedMs, tookMs) {
        reconciles.total.inc({ controller, result: resultLabel(outcome) });
        reconciles.time.observe({ controller }, tookMs / 1000);
        queued.waited.observe({ name: controller }, waitedMs / 1000);
        queued.worked.observe({ name: controller }, tookMs / 1000);
        if (outcome.result !== 'failed') return;
        reconciles.errors.inc({ controller });
        queued.retries.inc({ name: controller });
      },
    },
  };
}

/** Gauges that are read when they are asked for. */
export function exposeState(
  { registry }: Metrics,
  state: { leaseName: string; isLeader: () => boolean; reflectors: () => readonly Reflector[] },
): void {
  const registers = [registry];
  new Gauge({
    name: 'leader_election_master_status',
    help: '1 while this replica is the leader',
    labelNames: ['name'],
    registers,
    collect() {
      this.set({ name: state.leaseName }, state.isLeader() ? 1 : 0);
    },
  });
  new Gauge({
    name: 'doctune_cache_restarts',
    help: 'Full synchronisations of the caches after the first ones',
    registers,
    collect() {
      this.set(state.reflectors().reduce((sum, { restarts }) => sum + restarts, 0));
    },
  });
}

const escaped = (value: string): string => value.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`));

/** Series in Prometheus' text format. They are made from the cached objects, so those of a deleted object are gone. */
export function renderSeries(series: Iterable<Series>): string {
  const families = new Map<string, string[]>();
  for (const { name, help, labels, value } of series) {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    const lines = families.get(name) ?? [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`];
    lines.push(`${name}{${pairs.join(',')}} ${value}`);
    families.set(name, lines);
  }
  return [...families.values()].map((lines) => `${lines.join('\n')}\n`).join('');
}
