import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { GenerateInput } from '../../../../contract/inputs.ts';
import type { Manifest, Row } from '../../../../contract/rows.ts';
import { openLines, type LineFile } from '../../pipeline/lines.ts';
import {
  alpaca,
  preferences,
  promptCompletion,
  rankings,
  sharegpt,
  text,
  type RowExtra,
  type RowForm,
} from './forms.ts';

type FileEntry = Manifest['files'][number];
type Format = GenerateInput['formats'][number];

export interface FormatWriter {
  /** Call for the rows of all splits, in the order in which they are to stand in the files. */
  write(row: Row, extra?: RowExtra): Promise<void>;
  close(): Promise<FileEntry[]>;
}

export interface FormatSettings {
  /** of the dataset, for names in dataset_info.json */
  name: string;
  /** chat template of the tokenizer, for the format "text" */
  renderChat?: (messages: Row['messages']) => string;
}

/** Write rows in other forms to `<folder>/formats/<format>/<split>.jsonl`. A file without a row is not made. */
export function openFormats(folder: string, formats: readonly Format[], settings: FormatSettings): FormatWriter {
  const forms = formats.flatMap((format) => formsOf(format, settings));
  const files = new Map<string, LineFile>();
  const fileOf = async (path: string): Promise<LineFile> => {
    const known = files.get(path);
    if (known !== undefined) return known;
    await mkdir(dirname(join(folder, path)), { recursive: true });
    const file = await openLines(join(folder, path));
    files.set(path, file);
    return file;
  };
  return {
    async write(row, extra = {}) {
      for (const form of forms) {
        const record = form.rowOf(row, extra);
        if (record !== undefined) await (await fileOf(`formats/${form.folder}/${row.split}.jsonl`)).write(record);
      }
    },
    async close() {
      const written: FileEntry[] = [];
      for (const [path, file] of files) written.push({ path, ...(await file.close()) });
      for (const form of forms) written.push(...(await writeInfo(folder, form, settings.name, written)));
      return written.sort((a, b) => (a.path < b.path ? -1 : 1));
    },
  };
}

function formsOf(format: Format, { renderChat }: FormatSettings): RowForm[] {
  // rows of the artifact itself are messages
  const forms = { messages: [], alpaca: [alpaca], sharegpt: [sharegpt], promptCompletion: [promptCompletion] };
  if (format === 'text') return [text(renderChat)];
  if (format === 'preferences') return [preferences, rankings];
  return forms[format];
}

/** dataset_info.json, by which LLaMA-Factory finds the files beside it. */
async function writeInfo(
  folder: string,
  { folder: own, info }: RowForm,
  name: string,
  written: readonly FileEntry[],
): Promise<FileEntry[]> {
  if (info === undefined) return [];
  const start = `formats/${own}/`;
  const entries = written
    .filter(({ path }) => path.startsWith(start) && !path.slice(start.length).includes('/'))
    .map(({ path }) => path.slice(start.length))
    .sort()
    .map((file) => [`${name}_${file.replace(/\.jsonl$/, '')}`, { file_name: file, ...info }] as const);
  if (entries.length === 0) return [];
  const content = `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
  await writeFile(join(folder, start, 'dataset_info.json'), content);
  return [{ path: `${start}dataset_info.json`, rows: 0, sha256: createHash('sha256').update(content).digest('hex') }];
}
