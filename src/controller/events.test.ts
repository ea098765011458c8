import { describe, expect, test } from 'vitest';
import { createRecorder, microTime, transitionEvent } from './events.ts';
import { silentLog } from './log.ts';
import type { Condition } from './reconciler.ts';
import type { Transport } from './transport.ts';

const status = (state: Condition['status'], reason: string, message = '') => ({
  conditions: [{ type: 'Ready', status: state, reason, message, lastTransitionTime: '' }],
});

describe('the event of a transition', () => {
  test('is a warning when Ready becomes false', () => {
    expect(transitionEvent(status('True', 'Trained'), status('False', 'OutOfMemory', 'use less'))).toEqual({
      type: 'Warning',
      reason: 'OutOfMemory',
      message: 'use less',
    });
  });

  test('is told for a first status and a new reason', () => {
    expect(transitionEvent(undefined, status('Unknown', 'Waiting'))?.type).toBe('Normal');
    expect(transitionEvent(status('Unknown', 'Waiting'), status('Unknown', 'Training'))?.reason).toBe('Training');
  });

  test('is not told when the message alone moves', () => {
    expect(transitionEvent(status('Unknown', 'Training', '1'), status('Unknown', 'Training', '2'))).toBeUndefined();
  });
});

describe('the recorder', () => {
  const object = { apiVersion: 'v1', kind: 'Thing', metadata: { name: 'a', namespace: 'ns', uid: 'u' } };
  const event = { type: 'Normal', reason: 'Done', message: 'all done' } as const;

  function recorder() {
    const requests: { method: string; path: string; body: unknown }[] = [];
    const transport: Transport = {
      request: (method, path, options) => {
        requests.push({ method, path, body: options?.body });
        return Promise.reject(new Error('nobody there'));
      },
      watch: () => {
        throw new Error('no watches here');
      },
      close: () => Promise.resolve(),
    };
    let now = 0;
    const record = createRecorder({ transport, instance: 'i', log: silentLog, now: () => now });
    return { record, requests, wait: (ms: number) => (now += ms) };
  }

  test('makes one event, counts its repetitions, and begins anew after six minutes', () => {
    const { record, requests, wait } = recorder();
    record(object, event);
    wait(1000);
    record(object, event);
    wait(400_000);
    record(object, event);
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'PATCH', 'POST']);
    expect(requests[1]?.body).toEqual({ series: { count: 2, lastObservedTime: microTime(1000) } });
  });

  test('drops events instead of flooding the server', () => {
    const { record, requests } = recorder();
    for (let index = 0; index < 1000; index += 1) record(object, { ...event, message: String(index) });
    expect(requests).toHaveLength(200);
  });
});
