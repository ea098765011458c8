import { describe, expect, test } from 'vitest';
import { createSlots } from './slots.ts';

const never = new AbortController().signal;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Slots with tasks that end when told. */
function rig(most: number) {
  let time = 0;
  const slots = createSlots(most, () => time);
  const started: number[] = [];
  const ends = new Map<number, () => void>();
  const add = (ticket: number, signal = never) =>
    slots.run(
      () =>
        new Promise<void>((resolve) => {
          started.push(ticket);
          ends.set(ticket, resolve);
        }),
      ticket,
      signal,
    );
  return { slots, started, add, end: (ticket: number) => ends.get(ticket)?.(), at: (ms: number) => void (time = ms) };
}

describe('requests at a time', () => {
  test('the limit is halved by a complaint, once for one crowd, and never below one', () => {
    const { slots, at } = rig(16);
    const limits = [0, 5, 20, 20, 30, 40, 50, 60].map((startedAt, index) => {
      at(index * 10 + 10);
      slots.overloaded(startedAt);
      return slots.limit;
    });
    // the requests of 5, 20, 40 and 60 were on their way when the limit was cut at 10, 30, 50 and 70
    expect(limits).toEqual([8, 8, 4, 4, 2, 2, 1, 1]);
  });

  test('the limit grows by one with each round of answers, up to what is allowed', () => {
    const { slots, at } = rig(4);
    at(10);
    slots.overloaded(0);
    expect(slots.limit).toBe(2);
    const rounds = [2, 2, 3, 4, 5].map((answers) => {
      for (let index = 0; index < answers; index += 1) slots.answered(20);
      return slots.limit;
    });
    expect(rounds).toEqual([2, 3, 4, 4, 4]);
    slots.answered(5);
    expect(slots.limit).toBe(4);
  });

  test('who came first is asked first, also when coming back', async () => {
    const { started, add, end } = rig(1);
    const tasks = [add(1), add(2), add(3)];
    await turn();
    end(1);
    await turn();
    // a question that had to wait comes back with its old ticket
    tasks.push(add(1));
    end(2);
    await turn();
    expect(started).toEqual([1, 2, 1]);
    for (const ticket of [1, 3]) {
      end(ticket);
      await turn();
    }
    await Promise.all(tasks);
  });

  test('what waits is rejected when the run stops, what is under way is not started anew', async () => {
    const stop = new AbortController();
    const { started, add, end } = rig(1);
    const first = add(1);
    const waiting = add(2, stop.signal);
    await turn();
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    end(1);
    await first;
    expect(started).toEqual([1]);
  });

  test('nothing starts in a pause, however often it is asked for', async () => {
    const slots = createSlots(2);
    slots.pause(30);
    slots.pause(60);
    const before = performance.now();
    await slots.run(() => Promise.resolve(), 1, never);
    expect(performance.now() - before).toBeGreaterThan(55);
  });
});
