import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WorkQueue } from './queue.ts';

const takeAll = (queue: WorkQueue, now = 0): string[] => {
  const keys: string[] = [];
  for (let next = queue.take(now); next !== undefined; next = queue.take(now)) {
    keys.push(next.key);
    queue.done(next.key);
  }
  return keys;
};

describe('a work queue', () => {
  test('gives keys in the order in which they came, each once', () => {
    const queue = new WorkQueue();
    for (const key of ['a', 'b', 'a', 'c']) queue.add(key, 0);
    expect(queue.depth).toBe(3);
    expect(takeAll(queue)).toEqual(['a', 'b', 'c']);
  });

  test('holds a key back that is being processed, and gives it again afterwards', () => {
    const queue = new WorkQueue();
    queue.add('a', 0);
    queue.take(0);
    queue.add('a', 1);
    expect(queue.take(1)).toBeUndefined();
    queue.done('a');
    expect(queue.take(3)).toEqual({ key: 'a', waitedMs: 2 });
  });

  test('gives events before the keys of the initial list, also when a key is in both', () => {
    const queue = new WorkQueue();
    for (const key of ['a', 'b', 'c']) queue.add(key, 0, 'low');
    queue.add('c', 0, 'high');
    queue.add('d', 0, 'high');
    queue.add('d', 0, 'low');
    expect(takeAll(queue)).toEqual(['c', 'd', 'a', 'b']);
  });

  test('gives a key at its time, and tells the time of the next one', () => {
    const queue = new WorkQueue();
    queue.schedule('b', 200);
    queue.schedule('a', 100);
    expect(queue.promote(50)).toBe(100);
    expect(queue.depth).toBe(0);
    expect(queue.promote(100)).toBe(200);
    expect(takeAll(queue)).toEqual(['a']);
    expect(queue.promote(1000)).toBeUndefined();
    expect(takeAll(queue)).toEqual(['b']);
  });

  test('keeps the newest appointment of a key alone, and drops it on request', () => {
    const queue = new WorkQueue();
    queue.schedule('a', 100);
    queue.schedule('a', 300);
    queue.schedule('b', 100);
    queue.schedule('b', undefined);
    expect(queue.promote(200)).toBe(300);
    expect(queue.depth).toBe(0);
    expect(queue.delayed).toBe(1);
  });

  test('refuses a time that is not a number', () => {
    expect(() => new WorkQueue().schedule('a', NaN)).toThrow('"a" cannot be scheduled');
  });

  test('never has a key in two workers, and loses none, whatever happens', () => {
    const step = fc.record({
      what: fc.constantFrom('add', 'addLow', 'take', 'done', 'schedule', 'promote'),
      key: fc.constantFrom('a', 'b', 'c'),
      by: fc.nat(50),
    });
    const property = fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new WorkQueue();
      const inWork = new Set<string>();
      const wanted = new Set<string>();
      let now = 0;
      for (const { what, key, by } of steps) {
        now += 1;
        if (what === 'add' || what === 'addLow') {
          queue.add(key, now, what === 'add' ? 'high' : 'low');
          wanted.add(key);
        } else if (what === 'schedule') {
          queue.schedule(key, now + by);
          wanted.add(key);
        } else if (what === 'promote') queue.promote(now);
        else if (what === 'done' && inWork.delete(key)) queue.done(key);
        else if (what === 'take') {
          const taken = queue.take(now)?.key;
          if (taken === undefined) continue;
          expect(inWork.has(taken)).toBe(false);
          inWork.add(taken);
          wanted.delete(taken);
        }
      }
      for (const key of inWork) queue.done(key);
      queue.promote(Infinity);
      const left = takeAll(queue, now);
      for (const key of wanted) expect(left).toContain(key);
      expect(queue.depth + queue.processing + queue.delayed).toBe(0);
    });
    fc.assert(property, { numRuns: 500 });
  });
});
