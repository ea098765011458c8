import { expect, test } from 'vitest';
import { limitUnits, unitKeys } from './growth.ts';
import type { PlannedUnit } from './plan.ts';

const unit = (id: string, rowsPlanned = 3, chunk = 0): PlannedUnit => ({
  ...{ id, rowsPlanned, facts: 1, chunks: [chunk], shown: [chunk], tasks: [] },
  ...{ group: 'plain', language: 'en', persona: 'a newcomer' },
});
const keys = (units: readonly PlannedUnit[]) => new Map(units.map(({ id }) => [id, id]));
const ids = (units: readonly PlannedUnit[]): string[] => units.map(({ id }) => id);

test('[T24] new units are asked until they fill the room with its margin; known ones always', () => {
  const units = ['a', 'b', 'c', 'd', 'e'].map((id) => unit(id));
  const limit = (room: number) => {
    const { allowed, waiting } = limitUnits(units, keys(units), { room, hasAsked: (key) => key === 'd' });
    return [ids(allowed), ids(waiting)];
  };
  expect(limit(0)).toEqual([['d'], ['a', 'b', 'c', 'e']]);
  // even the least room lets one unit in
  expect(limit(1)).toEqual([
    ['a', 'd'],
    ['b', 'c', 'e'],
  ]);
  expect(limit(4)).toEqual([
    ['a', 'b', 'd'],
    ['c', 'e'],
  ]);
  expect(limit(100)).toEqual([ids(units), []]);
});

test('[T24] a unit is known by what it asks of which text, wherever that stands', async () => {
  const keyIn = async (text: string, start: number, about: unknown = 'model') => {
    const chunk = { ...{ index: 0, id: `at ${start}`, document: 0, start, end: start + 5 }, tokens: 1 };
    const chunks = [{ ...chunk, kind: 'prose', language: 'en', heading: [] } as const];
    return (await unitKeys([unit('x')], { chunks, text: () => Promise.resolve(text) }, about)).get('x');
  };
  const key = await keyIn('Hello world', 0);
  expect(await keyIn('A lot before Hello', 13)).toBe(key);
  expect(await keyIn('Jello world', 0)).not.toBe(key);
  expect(await keyIn('Hello world', 0, 'another model')).not.toBe(key);
});
