import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Caches } from './controller/caches.ts';
import { createWriter } from './controller/cluster.ts';
import { Controller } from './controller/controller.ts';
import { findEndpoint } from './controller/credentials.ts';
import type { Endpoint } from './controller/credentials.ts';
import { createRecorder } from './controller/events.ts';
import { healthRoutes, servePlain } from './controller/health.ts';
import type { PlainServer } from './controller/health.ts';
import { jobs, pods } from './controller/kinds.ts';
import { LeaderElection } from './controller/leader.ts';
import type { Log } from './controller/log.ts';
import { createMetrics, exposeState, renderSeries } from './controller/metrics.ts';
import type { Metrics, Series } from './controller/metrics.ts';
import { isAborted, pause } from './controller/pause.ts';
import type { AnyReconciler, Selector } from './controller/reconciler.ts';
import { createTransport } from './controller/transport.ts';
import type { Transport } from './controller/transport.ts';
import type { ReportedKind } from './progress/reports.ts';
import { ProgressService } from './progress/service.ts';
import type { Settings } from './settings.ts';

/** The kinds that an operator looks after. */
export interface OperatorKinds {
  reconcilers: readonly AnyReconciler[];
  reported: readonly ReportedKind[];
  /** domain metrics, computed from the caches at each scrape */
  series(caches: Caches): Iterable<Series>;
}

export interface OperatorOptions {
  settings: Settings;
  log: Log;
  /** `caCertificate` gives the PEM of the authority behind the progress server once that is made */
  createKinds(caCertificate: () => string | undefined, transport: Transport): OperatorKinds;
  /** told once, if another replica took over: this one must end */
  onLost?: () => void;
}

export interface Operator {
  metricsPort: number;
  healthPort: number;
  /** undefined where no progress URL is set, and before the certificate is made */
  progressPort(): number | undefined;
  isReady(): boolean;
  isLeader(): boolean;
  /** Stop intake, finish what is under way, give the lease back. Resolves when all is closed. */
  stop(): Promise<void>;
}

const drainMs = 30_000;

/** One running operator: everything that `main` and the tests compose. */
class Running implements Operator {
  readonly #options: OperatorOptions;
  readonly #transport: Transport;
  /** of the lease alone: it must be renewed in time however busy the other connections are */
  readonly #leaseTransport: Transport;
  readonly #metrics: Metrics;
  readonly #caches: Caches;
  readonly #kinds: OperatorKinds;
  readonly #leader: LeaderElection;
  /** undefined where workers report to nobody */
  readonly #progress: ProgressService | undefined;
  readonly #controllers: readonly Controller[];
  readonly #stop = new AbortController();
  #isWorking = false;
  #plainServers: PlainServer[] = [];

  constructor(options: OperatorOptions, endpoint: Endpoint) {
    const { settings, log } = options;
    const namespace = settings.namespace ?? endpoint.namespace ?? 'default';
    const identity = `${hostname()}_${randomUUID()}`;
    this.#options = options;
    this.#metrics = createMetrics(new URL(endpoint.server).host);
    this.#transport = createTransport(endpoint, this.#metrics.onResponse);
    this.#leaseTransport = createTransport(endpoint, this.#metrics.onResponse);
    this.#caches = new Caches({ transport: this.#transport, namespaces: settings.watchNamespaces, log });
    this.#progress = this.#createProgress(namespace);
    this.#kinds = options.createKinds(() => this.#progress?.ca, this.#transport);
    this.#leader = new LeaderElection({
      transport: this.#leaseTransport,
      namespace,
      name: settings.leaseName,
      identity,
      log,
    });
    this.#trackKinds();
    this.#controllers = this.#createControllers(identity);
  }

  get metricsPort(): number {
    return this.#plainServers[0]?.port ?? 0;
  }

  get healthPort(): number {
    return this.#plainServers[1]?.port ?? 0;
  }

  progressPort(): number | undefined {
    return this.#progress?.port;
  }

  isReady(): boolean {
    return Object.values(this.#checks()).every((check) => check());
  }

  isLeader(): boolean {
    return this.#isWorking && this.#mayWrite();
  }

  async start(): Promise<void> {
    const { settings } = this.#options;
    exposeState(this.#metrics, {
      leaseName: settings.leaseName,
      isLeader: () => this.isLeader(),
      reflectors: () => this.#caches.reflectors,
    });
    this.#plainServers = [
      await servePlain(settings.metricsPort, { '/metrics': () => this.#scrape() }),
      await servePlain(settings.healthPort, healthRoutes(this.#checks())),
    ];
    void this.#caches.run(this.#stop.signal);
    void this.#work();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#isWorking = false;
    const drained = new AbortController();
    void Promise.all(this.#controllers.map((controller) => controller.stop())).then(() => drained.abort());
    await pause(drainMs, drained.signal);
    await this.#progress?.stop();
    await this.#leader.release();
    await Promise.all(this.#plainServers.map((server) => server.close()));
    await Promise.all([this.#transport.close(), this.#leaseTransport.close()]);
  }

  #checks(): Record<string, () => boolean> {
    return {
      shutdown: () => !this.#stop.signal.aborted,
      caches: () => this.#caches.hasSynced,
      progress: () => this.#progress === undefined || this.#progress.port !== undefined,
    };
  }

  #mayWrite(): boolean {
    return !this.#options.settings.leaderElection || this.#leader.isLeader();
  }

  /** Everything that takes turns, in the order in which one needs the other. */
  async #work(): Promise<void> {
    const { settings, log, onLost } = this.#options;
    const { signal } = this.#stop;
    await this.#progress?.start(signal);
    while (!this.#caches.hasSynced && !isAborted(signal)) await pause(20, signal);
    log.info({}, 'caches are complete');
    if (settings.leaderElection && !(await this.#leader.acquire(signal))) return;
    if (isAborted(signal)) return;
    log.info({}, 'this replica is the leader');
    this.#isWorking = true;
    for (const controller of this.#controllers) controller.start();
    if (!settings.leaderElection || (await this.#leader.keep(signal)) === 'stopped') return;
    log.error({}, 'the lease was lost');
    this.#isWorking = false;
    onLost?.();
  }

  async #scrape() {
    const own = await this.#metrics.registry.metrics();
    // the objects are the same in all replicas: only one may tell of them, else sums count twice
    const domain = this.isLeader() ? renderSeries(this.#kinds.series(this.#caches)) : '';
    return { status: 200, contentType: this.#metrics.registry.contentType, body: `${own}\n${domain}` };
  }

  #trackKinds(): void {
    this.#caches.track(jobs, this.#selectorOf(jobs.plural));
    this.#caches.track(pods, this.#selectorOf(pods.plural));
    for (const { kind } of this.#kinds.reconcilers) this.#caches.track(kind);
    for (const { watches } of this.#kinds.reconcilers)
      for (const { kind, selector } of watches) this.#caches.track(kind, selector);
    for (const reconciler of this.#kinds.reconcilers)
      this.#caches.indexReferences(reconciler.kind, (object) => reconciler.references?.(object) ?? []);
  }

  /** the progress server reads Jobs and pods as the reconcilers watch them */
  #selectorOf(plural: string): Selector | undefined {
    const watches = this.#kinds.reconcilers.flatMap((reconciler) => reconciler.watches);
    return watches.find(({ kind }) => kind.plural === plural)?.selector;
  }

  #createProgress(namespace: string): ProgressService | undefined {
    const { settings, log } = this.#options;
    if (settings.progressUrl === undefined) return undefined;
    return new ProgressService({
      transport: this.#transport,
      reader: this.#caches,
      // any replica may take a report, so this writer does not ask for the lease
      writer: createWriter({ transport: this.#transport, kinds: () => this.#caches.kinds }),
      kinds: () => this.#kinds.reported,
      namespace,
      certificateSecret: settings.certificateSecret,
      url: settings.progressUrl,
      port: settings.progressPort,
      log,
    });
  }

  #createControllers(identity: string): Controller[] {
    const { settings, log } = this.#options;
    const transport = this.#transport;
    const writer = createWriter({ transport, kinds: () => this.#caches.kinds, mayWrite: () => this.#mayWrite() });
    const record = createRecorder({ transport, instance: identity, log });
    return this.#kinds.reconcilers.map(
      (reconciler) =>
        new Controller({
          reconciler,
          caches: this.#caches,
          writer,
          record,
          metrics: this.#metrics.controller,
          log,
          concurrency: settings.concurrency,
        }),
    );
  }
}

/** Start an operator; resolves when its ports are open. It becomes ready and leader in the background. */
export async function startOperator(options: OperatorOptions): Promise<Operator> {
  const endpoint = await findEndpoint(options.settings.kubeconfig, process.env);
  const operator = new Running(options, endpoint);
  await operator.start();
  return operator;
}
