import type { GenerateInput } from '../../../contract/inputs.ts';
import type { Conversation, Fault } from './conversation.ts';
import type { ListedFile } from './files/list.ts';
import { readFileRecords } from './files/read-file.ts';
import { FileFault, type ImportLimits } from './files/record.ts';
import { readRow } from './forms/read-row.ts';

type Settings = Pick<NonNullable<GenerateInput['importFrom']>, 'format' | 'historyTurns'>;

export type ReadRow =
  | { place: string; conversation: Conversation }
  | { place: string; fault: Fault; value?: unknown }
  /** the rest of the file cannot be read */
  | { fileFault: Fault };

/** All rows of one file, good and bad, in order. Only a trouble of the disk throws. */
export async function* readRows(listed: ListedFile, settings: Settings, limits: ImportLimits): AsyncGenerator<ReadRow> {
  if ('fault' in listed) {
    yield { fileFault: listed.fault };
    return;
  }
  try {
    for await (const record of readFileRecords(listed.file, limits)) {
      if ('fault' in record) yield record;
      else yield { ...record, ...readRow(record.value, settings) };
    }
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    yield { fileFault: { reason: error.reason, detail: `${error.message}; rows before that are taken` } };
  }
}
