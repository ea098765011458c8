import { join } from 'node:path';
import { splits, type Manifest, type Row, type Split } from '../../../contract/rows.ts';
import { openLines, type LineFile } from '../pipeline/lines.ts';

type FileEntry = Manifest['files'][number];

/** The files of rows, one for each split, written in the order of the calls. */
export interface RowFiles {
  write(row: Row): Promise<void>;
  counts: Record<Split, number>;
  tasks: Record<string, number>;
  close(): Promise<FileEntry[]>;
}

export async function openRowFiles(folder: string): Promise<RowFiles> {
  const files = new Map<Split, LineFile>();
  for (const split of splits) files.set(split, await openLines(join(folder, `${split}.jsonl`)));
  const counts = { train: 0, validation: 0, test: 0, recall: 0 };
  const tasks: Record<string, number> = {};
  return {
    counts,
    tasks,
    async write(row) {
      counts[row.split] += 1;
      tasks[row.task] = (tasks[row.task] ?? 0) + 1;
      await files.get(row.split)?.write(row);
    },
    async close() {
      const entries: FileEntry[] = [];
      for (const [split, file] of files) entries.push({ path: `${split}.jsonl`, ...(await file.close()) });
      return entries;
    },
  };
}

/** The same counts with their keys in alphabetical order, so that the bytes do not depend on what came first. */
export const sortKeys = <T>(record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
