import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { splits, type Manifest, type RejectedRow, type Row } from '../../../contract/rows.ts';
import { renderCard } from './card.ts';

export interface Dataset {
  rows: readonly Row[];
  rejected: readonly RejectedRow[];
  about: Omit<Manifest, 'version' | 'files' | 'tasks' | 'rejected'>;
}

/** Write the files of the dataset artifact. Their bytes depend on the content alone. */
export async function writeDataset(folder: string, { rows, rejected, about }: Dataset): Promise<Manifest> {
  await mkdir(folder, { recursive: true });
  const files: Manifest['files'] = [];
  const write = async (path: string, records: readonly object[]): Promise<void> => {
    const text = records.map((record) => `${JSON.stringify(record)}\n`).join('');
    await writeFile(join(folder, path), text);
    files.push({ path, rows: records.length, sha256: createHash('sha256').update(text).digest('hex') });
  };
  for (const split of splits)
    await write(
      `${split}.jsonl`,
      rows.filter((row) => row.split === split),
    );
  await write('rejected.jsonl', rejected);
  const manifest: Manifest = {
    version: 1,
    ...about,
    files,
    tasks: countBy(rows, (row) => row.task),
    rejected: countBy(rejected, (row) => row.reason),
  };
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  await writeFile(join(folder, 'README.md'), renderCard(manifest));
  return manifest;
}

/** Counts by key, the keys in alphabetical order. */
export function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const counts = Map.groupBy(items, keyOf);
  return Object.fromEntries(
    [...counts].map(([key, own]) => [key, own.length] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
