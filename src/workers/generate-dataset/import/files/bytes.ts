import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { FileFault, type ImportLimits } from './record.ts';

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** The bytes of a file, unpacked if its name ends in `.gz`. Throws a FileFault above the limits. */
export async function* readBytes(file: string, limits: ImportLimits): AsyncGenerator<Buffer> {
  const raw = createReadStream(file);
  const isPacked = file.endsWith('.gz');
  // a failure of either stream arrives at the reader of the last one
  const bytes: Readable = isPacked ? pipeline(raw, createGunzip(), () => undefined) : raw;
  let total = 0;
  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      total += chunk.length;
      if (total > limits.fileBytes) {
        throw new FileFault('FILE_TOO_LARGE', `is larger than ${megabytes(limits.fileBytes)}: split it into files`);
      }
      if (isPacked && total > limits.bombBytes && total > raw.bytesRead * limits.packedRatio) {
        throw new FileFault('BOMB', `unpacks to more than ${limits.packedRatio} times its size: give it unpacked`);
      }
      yield chunk;
    }
  } catch (error) {
    throw asFault(error);
  } finally {
    raw.destroy();
    bytes.destroy();
  }
}

function asFault(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!code.startsWith('Z_') && code !== 'ERR_STREAM_PREMATURE_CLOSE') return error;
  return new FileFault('BAD_FILE', 'is no complete gzip file: pack it again', { cause: error });
}
