import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { decoders, TooMuch } from './body.ts';

export interface Saved {
  /** of what is in the file, without transfer compression */
  sha256: string;
  bytes: number;
}

/**
 * Write what a server sends to a new file, unpacked by its Content-Encoding. Throws TooMuch over `maxBytes`, the reason of the
 * signal when that is aborted, or what the connection or the disk says; no file is left then.
 */
export async function saveBody(
  body: Readable,
  encoding: string,
  file: string,
  { maxBytes, signal }: { maxBytes: number; signal: AbortSignal },
): Promise<Saved> {
  const streams = decoders(encoding, maxBytes);
  if (streams === undefined) {
    body.on('error', () => undefined).destroy();
    throw new TooMuch({ reason: 'HttpError', detail: `is encoded as "${encoding}"`, isTransient: false });
  }
  const hash = createHash('sha256');
  let bytes = 0;
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  try {
    await pipeline([body, ...streams, count, createWriteStream(file)], { signal });
  } catch (error) {
    await rm(file, { force: true });
    throw signal.aborted ? signal.reason : error;
  }
  return { sha256: hash.digest('hex'), bytes };
}
