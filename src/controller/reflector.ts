import { Backoff, safeDelay } from './backoff.ts';
import { ApiError, isGone, messageOf } from './errors.ts';
import type { StatusBody } from './errors.ts';
import { apiVersionOf, resourceName } from './kinds.ts';
import type { ResourceKind } from './kinds.ts';
import type { Log } from './log.ts';
import { keyOf } from './object.ts';
import type { Key, KubernetesObject } from './object.ts';
import { pathOf } from './paths.ts';
import { isAborted, pause } from './pause.ts';
import type { Selector } from './reconciler.ts';
import type { Store } from './store.ts';
import type { Query, Transport, WatchEvent } from './transport.ts';

export interface ReflectorOptions {
  transport: Transport;
  kind: ResourceKind;
  /** absent: all namespaces */
  namespace?: string;
  selector?: Selector;
  store: Store;
  log: Log;
  random?: () => number;
  /** bookmarks come every minute, so a watch that is silent for longer than this is dead or was fooled */
  silenceMs?: number;
  pageSize?: number;
}

interface ListPage {
  metadata: { resourceVersion: string; continue?: string };
  items?: KubernetesObject[];
}

const backoffOptions = { baseMs: 800, maxMs: 30_000, jitter: 0.5 };
/** a watch that lasted this long was healthy: the next failure begins with a short delay */
const healthyMs = 60_000;
const initialEventsEnd = 'k8s.io/initial-events-end';

/**
 * Keeps a store equal to one resource of the API server, for ever: a stream of the initial objects where the server
 * offers it, pages of a list where not, then a watch. The old content is served until the new one is complete.
 */
export class Reflector {
  readonly #options: ReflectorOptions;
  readonly #backoff: Backoff;
  readonly #random: () => number;
  readonly #silenceMs: number;
  /** undefined: the next step is a full synchronisation */
  #version: string | undefined;
  #hasSynced = false;
  #canStreamList = true;
  #restarts = 0;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#backoff = new Backoff(backoffOptions, this.#random);
    this.#silenceMs = options.silenceMs ?? 120_000;
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** full synchronisations after the first one */
  get restarts(): number {
    return this.#restarts;
  }

  /** Runs until the signal is aborted; never throws. */
  async run(signal: AbortSignal): Promise<void> {
    while (!isAborted(signal)) {
      const startedAt = Date.now();
      let hasFailed = false;
      try {
        await this.#step(signal);
      } catch (error) {
        if (isAborted(signal)) return;
        hasFailed = true;
        this.#explain(error);
      }
      const tookMs = Date.now() - startedAt;
      if (tookMs > healthyMs) this.#backoff.forget('');
      // a server that closes watches at once must not be asked in a tight loop either
      if (hasFailed || tookMs < 1000) await pause(this.#backoff.next(''), signal);
    }
  }

  async #step(signal: AbortSignal): Promise<void> {
    if (this.#version === undefined && !this.#canStreamList) await this.#list(signal);
    await this.#watch(signal);
  }

  #explain(error: unknown): void {
    const { kind, log } = this.#options;
    if (this.#version === undefined && this.#canStreamList && isUnsupported(error)) {
      log.info({ resource: resourceName(kind) }, 'the API server does not stream lists, so they are read in pages');
      this.#canStreamList = false;
    }
    if (isGone(error) || error instanceof SilenceError) this.#version = undefined;
    log.warn({ resource: resourceName(kind), error: messageOf(error) }, 'watch failed and is started again');
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { transport, pageSize = 500 } = this.#options;
    const items: KubernetesObject[] = [];
    let token: string | undefined;
    let version: string;
    do {
      const query = { ...this.#selection(), limit: pageSize, continue: token };
      const page = (await transport.request('GET', this.#path(), { query, signal })) as ListPage;
      for (const item of page.items ?? []) items.push(this.#stripped(item));
      token = page.metadata.continue === '' ? undefined : page.metadata.continue;
      version = page.metadata.resourceVersion;
    } while (token !== undefined);
    this.#replace(items, version);
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const isStreamed = this.#version === undefined;
    const initial = isStreamed ? new Map<Key, KubernetesObject>() : undefined;
    const stop = new AbortController();
    const alarm = setTimeout(() => stop.abort(new SilenceError(this.#silenceMs)), safeDelay(this.#silenceMs));
    const events = this.#options.transport.watch(
      this.#path(),
      this.#watchQuery(isStreamed),
      AbortSignal.any([signal, stop.signal]),
    );
    try {
      for await (const batch of events) {
        alarm.refresh();
        for (const event of batch) this.#take(event, initial);
      }
    } catch (error) {
      throw isAborted(stop.signal) ? (stop.signal.reason as Error) : error;
    } finally {
      clearTimeout(alarm);
    }
    if (this.#version === undefined) throw new Error('the stream of initial objects ended too early');
  }

  #watchQuery(isStreamed: boolean): Query {
    return {
      ...this.#selection(),
      allowWatchBookmarks: true,
      timeoutSeconds: Math.round(300 + this.#random() * 300),
      ...(isStreamed
        ? { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }
        : { resourceVersion: this.#version }),
    };
  }

  #take(event: WatchEvent, initial: Map<Key, KubernetesObject> | undefined): void {
    if (event.type === 'ERROR') throw errorOf(event.object);
    const object = event.object as KubernetesObject;
    const version = object.metadata.resourceVersion ?? '';
    const isListing = initial !== undefined && this.#version === undefined;
    if (event.type === 'BOOKMARK') {
      if (isListing && object.metadata.annotations?.[initialEventsEnd] === 'true') {
        this.#replace([...initial.values()], version);
        initial.clear();
      } else if (!isListing) this.#seen(version);
      return;
    }
    if (isListing) {
      // a change during the stream comes as one more event, so the last one counts
      if (event.type === 'DELETED') initial.delete(keyOf(object));
      else initial.set(keyOf(object), this.#stripped(object));
      return;
    }
    if (event.type === 'DELETED') this.#options.store.delete(object);
    else this.#options.store.put(this.#stripped(object));
    this.#seen(version);
  }

  #replace(objects: readonly KubernetesObject[], version: string): void {
    const { store, namespace = '' } = this.#options;
    store.replace(objects, namespace);
    if (this.#hasSynced) this.#restarts += 1;
    this.#hasSynced = true;
    this.#backoff.forget('');
    this.#seen(version);
  }

  #seen(version: string): void {
    this.#version = version;
    this.#options.store.setVersion(this.#options.namespace ?? '', version);
  }

  /** The items of a list lack their kind; managedFields are half of an object and nobody reads them. */
  #stripped(object: KubernetesObject): KubernetesObject {
    const metadata: Record<string, unknown> = { ...object.metadata };
    delete metadata.managedFields;
    const { kind } = this.#options;
    return {
      ...object,
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      metadata: metadata as unknown as typeof object.metadata,
    };
  }

  #selection(): Query {
    const { labels, fields } = this.#options.selector ?? {};
    return { labelSelector: labels, fieldSelector: fields };
  }

  #path(): string {
    return pathOf(this.#options.kind, this.#options.namespace);
  }
}

class SilenceError extends Error {
  constructor(ms: number) {
    super(`nothing was heard for ${ms / 1000} s, not even a bookmark`);
  }
}

const errorOf = (object: unknown): ApiError => {
  const status = object as StatusBody & { code?: number };
  return new ApiError(status.code ?? 500, status);
};

/** an old server, or one with the feature turned off, refuses the parameter */
const isUnsupported = (error: unknown): boolean =>
  error instanceof ApiError && (error.code === 400 || error.code === 422);
