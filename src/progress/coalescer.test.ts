import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Coalescer } from './coalescer.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function recording(fail: (value: number) => boolean = () => false) {
  const written: string[] = [];
  const coalescer = new Coalescer<number>({
    now: Date.now,
    write: (key, value) => {
      written.push(`${key}${value}`);
      return fail(value) ? Promise.reject(new Error('no')) : Promise.resolve();
    },
  });
  return { written, coalescer };
}

describe('a coalescer', () => {
  test('writes the first value at once, and after the interval the newest one', async () => {
    const { written, coalescer } = recording();
    for (const value of [1, 2, 3]) coalescer.submit('a', value);
    coalescer.submit('b', 9);
    await vi.advanceTimersByTimeAsync(1999);
    expect(written).toEqual(['a1', 'b9']);
    await vi.advanceTimersByTimeAsync(1);
    expect(written).toEqual(['a1', 'b9', 'a3']);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(written).toHaveLength(3);
    coalescer.submit('a', 4);
    await vi.advanceTimersByTimeAsync(0);
    expect(written.at(-1)).toBe('a4');
  });

  test('never writes a key more often than the interval, however long it goes on', async () => {
    const { written, coalescer } = recording();
    for (let value = 0; value < 100; value += 1) {
      coalescer.submit('a', value);
      await vi.advanceTimersByTimeAsync(100);
    }
    await vi.advanceTimersByTimeAsync(5000);
    expect(written.length).toBeLessThanOrEqual(6);
    expect(written.at(-1)).toBe('a99');
  });

  test('tries a failed write again, with the newest value, and gives up at last', async () => {
    const { written, coalescer } = recording((value) => value === 1);
    coalescer.submit('a', 1);
    await vi.advanceTimersByTimeAsync(2500);
    expect(written).toEqual(['a1', 'a1']);
    coalescer.submit('a', 2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(written).toEqual(['a1', 'a1', 'a2']);
    coalescer.submit('a', 1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(written.filter((value) => value === 'a1')).toHaveLength(7);
  });

  test('writes what is left when it is flushed', async () => {
    const { written, coalescer } = recording();
    coalescer.submit('a', 1);
    coalescer.submit('a', 2);
    await coalescer.flush();
    expect(written).toEqual(['a1', 'a2']);
  });
});
