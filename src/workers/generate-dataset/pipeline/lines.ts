import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

const bufferBytes = 256 * 1024;

/** A file of JSON lines that is being written, in the order of the calls. */
export interface LineFile {
  write(record: object): Promise<void>;
  close(): Promise<{ rows: number; sha256: string }>;
}

export async function openLines(path: string): Promise<LineFile> {
  const handle = await open(path, 'w');
  const hash = createHash('sha256');
  let [waiting, rows]: [string[], number] = [[], 0];
  let length = 0;
  let writing: Promise<void> = Promise.resolve();
  const flush = (): Promise<void> => {
    const bytes = Buffer.from(waiting.join(''));
    [waiting, length] = [[], 0];
    hash.update(bytes);
    writing = writing.then(() => handle.appendFile(bytes));
    return writing;
  };
  return {
    async write(record) {
      const line = `${JSON.stringify(record)}\n`;
      waiting.push(line);
      rows += 1;
      length += line.length;
      if (length > bufferBytes) await flush();
    },
    async close() {
      try {
        await flush();
      } finally {
        await handle.close();
      }
      return { rows, sha256: hash.digest('hex') };
    },
  };
}

/** The records of a file of JSON lines. Node's own readline is of no use here: it also splits at U+2028, which JSON leaves as it is. */
export async function* readLines<T>(path: string): AsyncGenerator<T> {
  let rest = '';
  for await (const part of createReadStream(path, { encoding: 'utf8', highWaterMark: bufferBytes })) {
    const lines = (rest + (part as string)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield JSON.parse(line) as T;
  }
  if (rest !== '') yield JSON.parse(rest) as T;
}
