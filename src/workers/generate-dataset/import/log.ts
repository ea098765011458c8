import { open } from 'node:fs/promises';

/** Where a batch of records lies in the log, in bytes. */
export interface Batch {
  start: number;
  bytes: number;
  records: number;
}

export interface RecordLog<T> {
  add(record: T): void;
  /** how much was added since the last batch */
  pending(): Pick<Batch, 'bytes' | 'records'>;
  /** Write what was added since the last batch. */
  endBatch(): Promise<Batch>;
  read(batch: Batch): Promise<T[]>;
  close(): Promise<void>;
}

/** Records on disk that are read again batch by batch, so that no more than one batch is in memory. */
export async function openRecordLog<T>(path: string): Promise<RecordLog<T>> {
  const file = await open(path, 'w+');
  let lines: Buffer[] = [];
  let pendingBytes = 0;
  let end = 0;
  return {
    add(record) {
      const line = Buffer.from(`${JSON.stringify(record)}\n`);
      lines.push(line);
      pendingBytes += line.length;
    },
    pending: () => ({ bytes: pendingBytes, records: lines.length }),
    async endBatch() {
      const batch: Batch = { start: end, bytes: pendingBytes, records: lines.length };
      const content = Buffer.concat(lines);
      lines = [];
      pendingBytes = 0;
      end += content.length;
      if (content.length > 0) await file.writev([content], batch.start);
      return batch;
    },
    async read({ start, bytes }) {
      const content = Buffer.alloc(bytes);
      await file.read(content, 0, bytes, start);
      const text = content.toString('utf8').split('\n').slice(0, -1);
      return text.map((line) => JSON.parse(line) as T);
    },
    close: () => file.close(),
  };
}
