import type { ImportLimits, Piece } from './record.ts';

const newline = 0x0a;
const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);

/** Lines of a file, blank ones left out. A line above the limit is never held in memory. */
export async function* splitLines(
  chunks: AsyncIterable<Buffer>,
  { rowBytes }: Pick<ImportLimits, 'rowBytes'>,
): AsyncGenerator<Piece> {
  let parts: Buffer[] = [];
  let size = 0;
  let line = 0;
  const take = (part: Buffer): void => {
    size += part.length;
    if (size <= rowBytes) parts.push(part);
    else parts = [];
  };
  const close = (): Piece[] => {
    line += 1;
    const [bytes, isTooLarge, place] = [Buffer.concat(parts), size > rowBytes, `line ${line}`];
    parts = [];
    size = 0;
    if (isTooLarge) return [{ place, fault: tooLarge(rowBytes) }];
    return isBlank(bytes) ? [] : [{ place, bytes }];
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      take(chunk.subarray(start, end));
      yield* close();
      start = end + 1;
    }
    // the stream uses its buffer again
    take(Buffer.from(chunk.subarray(start)));
  }
  yield* close();
}

export const tooLarge = (rowBytes: number) => ({
  reason: 'ROW_TOO_LARGE',
  detail: `is larger than ${Math.ceil(rowBytes / 1024)} KiB`,
});
