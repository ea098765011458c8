import { performance } from 'node:perf_hooks';
import { isConflict, isNotFound, messageOf, ApiError } from './errors.ts';
import { microTime } from './events.ts';
import type { Log } from './log.ts';
import { pathOf } from './paths.ts';
import { isAborted, pause } from './pause.ts';
import type { Transport } from './transport.ts';

interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

interface Lease {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace: string; resourceVersion?: string };
  spec?: LeaseSpec;
}

export interface LeaderOptions {
  transport: Transport;
  namespace: string;
  name: string;
  /** unique for each process */
  identity: string;
  log: Log;
  leaseMs?: number;
  renewMs?: number;
  retryMs?: number;
  random?: () => number;
  /** milliseconds of a clock that never jumps */
  clock?: () => number;
}

const resource = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases' };

/**
 * Leader by a Lease. Whether a lease has run out is judged by how long this process has seen it unchanged, never by
 * the times in it: clocks differ between machines.
 */
export class LeaderElection {
  readonly #options: Required<LeaderOptions>;
  #observed = '';
  #observedAt = -Infinity;
  #renewedAt = -Infinity;
  #lease: Lease | undefined;
  #trying: Promise<boolean> = Promise.resolve(false);

  constructor(options: LeaderOptions) {
    this.#options = {
      leaseMs: 15_000,
      renewMs: 10_000,
      retryMs: 2000,
      random: Math.random,
      clock: () => performance.now(),
      ...options,
    };
  }

  /** Whether this process may write now: false in time before another may take over, also after a pause of the process. */
  isLeader(): boolean {
    return this.#options.clock() - this.#renewedAt < this.#options.renewMs;
  }

  /** Resolves once this process leads, or the signal is aborted. */
  async acquire(signal: AbortSignal): Promise<boolean> {
    while (!isAborted(signal)) {
      if (await this.#try()) return true;
      await this.#rest(signal);
    }
    return false;
  }

  /** Keeps the lease; resolves when it is lost or the signal is aborted. */
  async keep(signal: AbortSignal): Promise<'lost' | 'stopped'> {
    while (!isAborted(signal)) {
      await this.#rest(signal);
      if (isAborted(signal)) return 'stopped';
      if (!(await this.#try()) && !this.isLeader()) return 'lost';
    }
    return 'stopped';
  }

  /** Give the lease back, so that another replica need not wait for it to run out. For after the last renewal was asked for. */
  async release(): Promise<void> {
    // a renewal under way would make this one a conflict, or take the lease again
    await this.#trying;
    if (!this.isLeader() || this.#lease === undefined) return;
    this.#renewedAt = -Infinity;
    const { spec } = this.#lease;
    try {
      await this.#put({ ...this.#lease, spec: { ...spec, holderIdentity: '', leaseDurationSeconds: 1 } });
    } catch (error) {
      this.#options.log.debug({ error: messageOf(error) }, 'lease was not released');
    }
  }

  #try(): Promise<boolean> {
    this.#trying = this.#tryOnce();
    return this.#trying;
  }

  async #tryOnce(): Promise<boolean> {
    const { identity, log } = this.#options;
    // the time before the request: it may take long, and the lease counts from when the server wrote it at the earliest
    const now = this.#options.clock();
    try {
      const lease = await this.#get();
      this.#observe(lease, now);
      const holder = lease.spec?.holderIdentity ?? '';
      if (holder !== '' && holder !== identity && !this.#hasRunOut(lease, now)) return false;
      this.#lease = await this.#put({ ...lease, spec: this.#renewedSpec(lease.spec, holder !== identity) });
      this.#observe(this.#lease, now);
      this.#renewedAt = now;
      return true;
    } catch (error) {
      if (isConflict(error) || (error instanceof ApiError && error.reason === 'AlreadyExists')) return false;
      log.warn({ error: messageOf(error) }, 'lease cannot be renewed');
      return false;
    }
  }

  #observe(lease: Lease, now: number): void {
    const { holderIdentity, renewTime, leaseTransitions } = lease.spec ?? {};
    const observed = [holderIdentity, renewTime, leaseTransitions].join(' ');
    if (observed === this.#observed) return;
    this.#observed = observed;
    this.#observedAt = now;
  }

  #hasRunOut(lease: Lease, now: number): boolean {
    const durationMs = (lease.spec?.leaseDurationSeconds ?? 0) * 1000 || this.#options.leaseMs;
    return now - this.#observedAt > durationMs;
  }

  #renewedSpec(spec: LeaseSpec | undefined, isNewHolder: boolean): LeaseSpec {
    const time = microTime(Date.now());
    return {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: Math.ceil(this.#options.leaseMs / 1000),
      acquireTime: isNewHolder ? time : (spec?.acquireTime ?? time),
      renewTime: time,
      leaseTransitions: (spec?.leaseTransitions ?? 0) + (isNewHolder ? 1 : 0),
    };
  }

  async #get(): Promise<Lease> {
    const { transport, namespace, name } = this.#options;
    try {
      return (await transport.request('GET', pathOf(resource, namespace, name), this.#limit())) as Lease;
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } };
    }
  }

  async #put(lease: Lease): Promise<Lease> {
    const { transport, namespace, name } = this.#options;
    const isNew = lease.metadata.resourceVersion === undefined;
    const path = pathOf(resource, namespace, isNew ? undefined : name);
    return (await transport.request(isNew ? 'POST' : 'PUT', path, { body: lease, ...this.#limit() })) as Lease;
  }

  /** a request that hangs must not use up the whole time in which the lease can be renewed */
  #limit(): { signal: AbortSignal } {
    return { signal: AbortSignal.timeout(Math.ceil(this.#options.renewMs / 2)) };
  }

  #rest(signal: AbortSignal): Promise<void> {
    const { retryMs, random } = this.#options;
    return pause(retryMs * (1 + 0.2 * random()), signal);
  }
}
