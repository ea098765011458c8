import { tooLarge } from './lines.ts';
import { FileFault, type ImportLimits, type Piece } from './record.ts';

const codes = {
  quote: 0x22,
  backslash: 0x5c,
  comma: 0x2c,
  open: 0x5b,
  close: 0x5d,
  openObject: 0x7b,
  closeObject: 0x7d,
};
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/**
 * Items of a JSON array, as bytes. Only brackets and strings are told apart here, so that a broken item fails alone and
 * an item above the limit is never held in memory.
 */
export async function* splitItems(
  chunks: AsyncIterable<Buffer>,
  { rowBytes }: Pick<ImportLimits, 'rowBytes'>,
): AsyncGenerator<Piece> {
  const scan = createScan();
  let parts: Buffer[] = [];
  let size = 0;
  let item = 0;
  const take = (part: Buffer): void => {
    size += part.length;
    if (size <= rowBytes) parts.push(part);
    else parts = [];
  };
  const close = (): Piece[] => {
    const [bytes, isTooLarge] = [Buffer.concat(parts), size > rowBytes];
    parts = [];
    size = 0;
    if (!isTooLarge && bytes.every(isSpace)) return [];
    item += 1;
    return [isTooLarge ? { place: `item ${item}`, fault: tooLarge(rowBytes) } : { place: `item ${item}`, bytes }];
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (const [at, byte] of chunk.entries()) {
      const step = scan(byte);
      if (step === 'inside') continue;
      if (step === 'end') {
        take(chunk.subarray(start, at));
        yield* close();
      }
      start = at + 1;
    }
    if (start < chunk.length) take(Buffer.from(chunk.subarray(start)));
  }
  if (!scan.isClosed()) throw new FileFault('BAD_JSON', 'ends within its array: it is not complete');
}

/** Tells of each byte whether it lies in an item, ends one, or lies outside the array. */
function createScan() {
  let depth = 0;
  let isString = false;
  let isEscaped = false;
  let isClosed = false;
  const inString = (byte: number): void => {
    if (isEscaped) isEscaped = false;
    else if (byte === codes.backslash) isEscaped = true;
    else if (byte === codes.quote) isString = false;
  };
  const outside = (byte: number): 'outside' => {
    if (byte === codes.open && !isClosed) depth = 1;
    else if (!isSpace(byte) && isClosed) throw new FileFault('BAD_JSON', 'goes on after the end of its array');
    return 'outside';
  };
  const scan = (byte: number): 'inside' | 'end' | 'outside' => {
    if (isString) inString(byte);
    else if (depth === 0) return outside(byte);
    else if (byte === codes.quote) isString = true;
    else if (byte === codes.open || byte === codes.openObject) depth += 1;
    else if (byte === codes.close || byte === codes.closeObject) {
      depth -= 1;
      isClosed = depth === 0;
      if (isClosed) return 'end';
    } else if (byte === codes.comma && depth === 1) return 'end';
    return 'inside';
  };
  return Object.assign(scan, { isClosed: () => isClosed });
}
