import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitItems } from './items.ts';
import { splitLines } from './lines.ts';
import type { Piece } from './record.ts';

const cut = function* (bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  let start = 0;
  for (let i = 0; start < bytes.length; i += 1) {
    const end = start + (sizes[i % sizes.length] ?? 1);
    yield bytes.subarray(start, end);
    start = end;
  }
};
const collect = async (pieces: AsyncIterable<Piece>): Promise<unknown[]> => {
  const values: unknown[] = [];
  for await (const piece of pieces) values.push('bytes' in piece ? JSON.parse(piece.bytes.toString()) : piece);
  return values;
};
const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 });
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('an array of any values, cut anywhere, gives the values; so do lines', async () => {
  const limits = { rowBytes: 1e6 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue()),
      sizes,
      fc.constantFrom(undefined, 1, '\t'),
      async (values, at, space) => {
        const array = Buffer.from(JSON.stringify(values, null, space));
        expect(await collect(splitItems(stream(cut(array, at)), limits))).toEqual(plain(values));
        const text = Buffer.from(values.map((value) => JSON.stringify(value)).join('\r\n'));
        expect(await collect(splitLines(stream(cut(text, at)), limits))).toEqual(plain(values));
      },
    ),
    { numRuns: 60 },
  );
});

async function* stream(chunks: Iterable<Buffer>): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Promise.resolve(chunk);
}
