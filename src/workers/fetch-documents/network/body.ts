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
/** text is compressed three to tenfold, zeros and the like a thousandfold */
const bombRatio = 100;

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
  const streams: Transform[] = [bounded(maxBytes)];
  for (const layer of layers.reverse()) {
    const decoder = decoderOf(layer);
    if (decoder === undefined) return undefined;
    streams.push(decoder, bounded(maxBytes, decoder));
  }
  return streams;
}

/** `bytesWritten` is what was unpacked so far, not what waits to be */
type Decoder = Transform & { bytesWritten: number };

function decoderOf(name: string): Decoder | undefined {
  if (name === 'gzip' || name === 'x-gzip') return createGunzip();
  if (name === 'deflate') return createInflate();
  return name === 'br' ? createBrotliDecompress() : undefined;
}

function bounded(maxBytes: number, decoder?: Decoder): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= maxBytes) {
        done(null, chunk);
        return;
      }
      const packed = decoder?.bytesWritten ?? Infinity;
      const isBomb = bytes > bombRatio * packed;
      const detail = `is larger than ${maxBytes} bytes${isBomb ? `, unpacked from some ${packed}` : ''}`;
      done(new TooMuch({ reason: isBomb ? 'Bomb' : 'TooLarge', detail, isTransient: false }));
    },
  });
}

/** A file's content; unpacked if it is compressed itself, whatever its name says. Throws TooMuch over `maxBytes`. */
export async function* unpackedFile(path: string, maxBytes: number): AsyncGenerator<Buffer> {
  const decoder = (await isGzip(path)) ? createGunzip() : undefined;
  const last = bounded(maxBytes, decoder);
  const done = pipeline([createReadStream(path), ...(decoder === undefined ? [] : [decoder]), last]);
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
