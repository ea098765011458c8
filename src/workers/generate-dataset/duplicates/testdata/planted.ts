import { editRow } from './edits.ts';
import { randomOf } from './random.ts';
import { plainRows, type PlainRow } from './rows.ts';

export interface Planted {
  rows: PlainRow[];
  /** for each row, the number of the row that it is a copy of, or its own */
  original: number[];
}

/** `count` rows of which `copies` are copies of others, each at a random place. */
export const plantedRows = (count: number, copies: number, seed: number): Planted =>
  plantInto(plainRows(count - copies, seed + 1), copies, seed);

export function plantInto(plain: readonly PlainRow[], copies: number, seed: number): Planted {
  const random = randomOf(seed);
  const entries = plain.map((row, index) => ({ row, of: index, at: random() }));
  for (let copy = 0; copy < copies; copy += 1) {
    const of = Math.floor(random() * plain.length);
    const row = plain[of];
    if (row !== undefined) entries.push({ row: editRow(row, seed * 1000 + copy), of, at: random() });
  }
  entries.sort((a, b) => a.at - b.at);
  const first = new Map<number, number>();
  for (const [index, { of }] of entries.entries()) if (!first.has(of)) first.set(of, index);
  return { rows: entries.map(({ row }) => row), original: entries.map(({ of }) => first.get(of) ?? 0) };
}

/** Share of the planted copies that were found, and share of the found ones that are copies of what they were joined to. */
export function scoreOf(
  { original }: Planted,
  clusters: readonly { kept: number; dropped: readonly { id: number }[] }[],
): { recall: number; precision: number; found: number } {
  const copies = original.filter((of, index) => of !== index).length;
  let [found, right] = [0, 0];
  for (const { kept, dropped } of clusters) {
    for (const { id } of dropped) {
      found += 1;
      if (original[id] === original[kept]) right += 1;
    }
  }
  return { recall: right / copies, precision: found === 0 ? 1 : right / found, found };
}
