import { createHash } from 'node:crypto';
import type { Row } from '../../../contract/rows.ts';
import type { Fact } from '../fact.ts';

const sha256 = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** The same messages from the same place have the same id in every version of a dataset: links name a commit and do not count. */
export function rowId(messages: Row['messages'], source: Row['source']): string {
  const place = { ...source };
  delete place.url;
  return `sha256:${sha256([messages, place])}`;
}

/** The same for all wordings of a fact, wherever in its document it stands. */
export const factId = (
  { heading, questions, answer, earlier }: Pick<Fact, 'heading' | 'questions' | 'answer' | 'earlier'>,
  { source, path }: { source: string; path: string },
): string =>
  sha256([source, path, heading, questions[0], answer, ...(earlier === undefined ? [] : [earlier])]).slice(0, 32);
