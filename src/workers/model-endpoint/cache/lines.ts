import type { FileHandle } from 'node:fs/promises';

export interface Line {
  /** without its line feed */
  text: Buffer;
  offset: number;
}

const blockBytes = 1 << 20;

/** The whole lines of a file, a block at a time; what follows the last line feed was never finished. */
export async function* readLines(handle: FileHandle): AsyncGenerator<Line> {
  let rest = Buffer.alloc(0);
  let start = 0;
  for (;;) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(blockBytes), 0, blockBytes, start + rest.length);
    if (bytesRead === 0) return;
    const block = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let at = 0;
    for (let end = block.indexOf(10, at); end !== -1; end = block.indexOf(10, at)) {
      yield { text: block.subarray(at, end), offset: start + at };
      at = end + 1;
    }
    rest = block.subarray(at);
    start += at;
  }
}
