import { describe, expect, it } from 'vitest';
import { nextTick } from './cron.ts';

describe('the next time of a schedule', () => {
  it.each([
    ['0 3 * * *', 'Etc/UTC', '2026-11-22T12:00:00Z', '2026-11-23T03:00:00.000Z'],
    ['0 3 1 */3 *', 'Etc/UTC', '2026-11-22T12:00:00Z', '2027-01-01T03:00:00.000Z'],
    ['*/15 * * * *', 'Etc/UTC', '2026-11-22T12:00:00Z', '2026-11-22T12:15:00.000Z'],
    ['0 3 * * *', 'Asia/Shanghai', '2026-11-22T12:00:00Z', '2026-11-22T19:00:00.000Z'],
    // clocks go forward from 2 to 3: the first moment after the gap
    ['30 2 * * *', 'Europe/Berlin', '2027-03-28T00:00:00Z', '2027-03-28T01:00:00.000Z'],
  ])('of "%s" in %s after %s is %s', (schedule, zone, after, expected) => {
    expect(nextTick(schedule, zone, new Date(after))?.toISOString()).toBe(expected);
  });

  it('that never comes is none', () => {
    expect(nextTick('0 0 30 2 *', 'Etc/UTC', new Date('2026-11-22T12:00:00Z'))).toBeUndefined();
  });

  it.each([
    ['every night', 'Etc/UTC'],
    ['* * * * * *', 'Etc/UTC'],
    ['0 3 * * *', 'Mars/Olympus'],
  ])('of "%s" in %s is an error', (schedule, zone) => {
    expect(() => nextTick(schedule, zone, new Date(0))).toThrow();
  });
});
