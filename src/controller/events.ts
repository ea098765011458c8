import { randomBytes } from 'node:crypto';
import { TokenBucket } from './backoff.ts';
import { messageOf } from './errors.ts';
import type { Log } from './log.ts';
import type { KubernetesObject } from './object.ts';
import { pathOf } from './paths.ts';
import type { PlannedEvent } from './plan.ts';
import { readyOf } from './status.ts';
import type { ConditionedStatus } from './reconciler.ts';
import type { Transport } from './transport.ts';

export type RecordEvent = (object: KubernetesObject, event: PlannedEvent) => void;

interface EventsOptions {
  transport: Transport;
  /** who reports: the name of the pod */
  instance: string;
  log: Log;
  now?: () => number;
}

interface Series {
  path: string;
  count: number;
  seenAt: number;
}

const resource = { group: 'events.k8s.io', version: 'v1', kind: 'Event', plural: 'events' };
/** the API server joins repetitions within this time, too */
const seriesMs = 360_000;
const maxSeries = 4096;
const maxNoteLength = 1024;

/** Kubernetes' MicroTime: exactly six digits. */
export const microTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, -1)}000Z`;

function eventBody(object: KubernetesObject, event: PlannedEvent, instance: string, now: number) {
  const { name, namespace = 'default', uid, resourceVersion } = object.metadata;
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: `${name.slice(0, 200)}.${randomBytes(8).toString('hex')}`, namespace },
    eventTime: microTime(now),
    reportingController: 'doctune.dev/operator',
    reportingInstance: instance.slice(0, 128),
    action: 'Reconcile',
    type: event.type,
    reason: event.reason,
    note: event.message.slice(0, maxNoteLength),
    regarding: { apiVersion: object.apiVersion, kind: object.kind, name, namespace, uid, resourceVersion },
  };
}

/**
 * Events for people, best effort: never awaited, never retried, dropped when there are too many. A repetition within
 * six minutes raises the count of the first event instead of making another.
 */
export function createRecorder({ transport, instance, log, now = Date.now }: EventsOptions): RecordEvent {
  const bucket = new TokenBucket({ perSecond: 20, burst: 200 });
  const known = new Map<string, Series>();

  function remember(id: string, series: Series): void {
    const oldest = known.keys().next().value;
    if (known.size >= maxSeries && oldest !== undefined) known.delete(oldest);
    known.set(id, series);
  }

  async function send(object: KubernetesObject, event: PlannedEvent, at: number): Promise<void> {
    const id = [object.metadata.uid, event.reason, event.message].join(' ');
    const series = known.get(id);
    if (series !== undefined && at - series.seenAt < seriesMs) {
      series.count += 1;
      series.seenAt = at;
      const body = { series: { count: series.count, lastObservedTime: microTime(at) } };
      await transport.request('PATCH', series.path, { body, contentType: 'application/merge-patch+json' });
      return;
    }
    const body = eventBody(object, event, instance, at);
    const path = pathOf(resource, body.metadata.namespace);
    known.delete(id);
    remember(id, { path: `${path}/${body.metadata.name}`, count: 1, seenAt: at });
    await transport.request('POST', path, { body });
  }

  return (object, event) => {
    const at = now();
    if (!bucket.take(at)) return;
    send(object, event, at).catch((error: unknown) => {
      log.debug({ reason: event.reason, error: messageOf(error) }, 'event was not recorded');
    });
  };
}

/** The event for a change of `Ready`, if it changed. */
export function transitionEvent(
  before: ConditionedStatus | undefined,
  after: ConditionedStatus,
): PlannedEvent | undefined {
  const [old, current] = [readyOf(before), readyOf(after)];
  if (current === undefined || (old?.status === current.status && old.reason === current.reason)) return undefined;
  return {
    type: current.status === 'False' ? 'Warning' : 'Normal',
    reason: current.reason,
    message: current.message,
  };
}
