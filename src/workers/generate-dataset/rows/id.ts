import { createHash } from 'node:crypto';
import type { Row } from '../../../contract/rows.ts';

/** The same messages from the same place have the same id in every version of a dataset. */
export function rowId(messages: Row['messages'], source: Row['source']): string {
  return `sha256:${createHash('sha256')
    .update(JSON.stringify([messages, source]))
    .digest('hex')}`;
}
