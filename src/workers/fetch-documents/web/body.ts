import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Trouble } from './trouble.ts';

/** what the decoders below can undo */
export const acceptedEncodings = 'gzip, deflate, br';
/** a server that compresses more than twice does so to harm */
const maxLayers = 2;
/** text is compressed three to tenfold; zeros and the like a thousandfold, of which a part is still to be unpacked */
const bombRatio = 20;

/** Thrown into the stream when it grows over its limit. */
export class TooMuch extends Error {
  readonly trouble: Trouble;

  constructor(trouble: Trouble) {
    super(trouble.detail);
    this.name = 'TooMuch';
    this.trouble = trouble;
  }
}

/**
 * The streams that turn what is received into the content, with both sizes bounded by `maxBytes`. undefined for an encoding
 * that is not known.
 */
export function decoders(encoding: string, maxBytes: number): Transform[] | undefined {
  const layers = encoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  if (layers.length > maxLayers) return undefined;
  const received = { bytes: 0 };
  const streams: Transform[] = [bounded(maxBytes, received)];
  for (const layer of layers.reverse()) {
    const decoder = decoderOf(layer);
    if (decoder === undefined) return undefined;
    streams.push(decoder, bounded(maxBytes, { bytes: 0 }, received));
  }
  return streams;
}

function decoderOf(name: string): Transform | undefined {
  if (name === 'gzip' || name === 'x-gzip') return createGunzip();
  if (name === 'deflate') return createInflate();
  return name === 'br' ? createBrotliDecompress() : undefined;
}

function bounded(maxBytes: number, count: { bytes: number }, received?: { bytes: number }): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count.bytes += chunk.length;
      if (count.bytes <= maxBytes) {
        done(null, chunk);
        return;
      }
      const isBomb = received !== undefined && count.bytes > bombRatio * received.bytes;
      const detail = `is larger than ${maxBytes} bytes${isBomb ? ` though only ${received.bytes} were sent` : ''}`;
      done(new TooMuch({ reason: isBomb ? 'Bomb' : 'TooLarge', detail, isTransient: false }));
    },
  });
}

/** A file's content; unpacked if it is compressed itself, whatever its name says. Throws TooMuch over `maxBytes`. */
export async function* unpackedFile(path: string, maxBytes: number): AsyncGenerator<Buffer> {
  const received = { bytes: 0 };
  const unpack = (await isGzip(path)) ? [createGunzip()] : [];
  const streams = [bounded(maxBytes, received), ...unpack, bounded(maxBytes, { bytes: 0 }, received)];
  const last = streams.at(-1) ?? createReadStream(path);
  const done = pipeline([createReadStream(path), ...streams]);
  // the reader below meets the same error
  done.catch(() => undefined);
  for await (const part of last) yield part as Buffer;
  await done;
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}
