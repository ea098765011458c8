import type { Row } from '../../../contract/rows.ts';
import { permalink } from '../chunk/permalink.ts';
import type { Corpus, DocumentHead } from '../corpus.ts';
import type { Source } from '../documents.ts';
import { makeRow, type RowContext } from '../rows/row.ts';
import { heldWording } from '../split/hold-back.ts';
import type { Place, Selection } from '../split/select.ts';
import { where } from './collect.ts';
import type { RepeatsHeld } from './contamination.ts';
import type { FactHead, FactRecord } from './facts.ts';
import { readLines } from './lines.ts';
import type { RejectedLog } from './rejected.ts';

export interface Emitting {
  /** file of all facts that were found */
  facts: string;
  heads: readonly FactHead[];
  places: Selection['places'];
  corpus: Corpus;
  sources: readonly Source[];
  generator: Row['generator'];
  countTokens: (text: string) => number;
  rejected: RejectedLog;
  repeatsHeld: RepeatsHeld;
}

export interface Emitted {
  row: Row;
  record: FactRecord;
  /** of its fact */
  isFirst: boolean;
}

/** All rows, in the order in which their facts were found. What was turned down late is written down on the way. */
export async function* emitRows(options: Emitting): AsyncGenerator<Emitted> {
  let index = 0;
  for await (const record of readLines<FactRecord>(options.facts)) {
    const head = options.heads[index];
    index += 1;
    if (head?.rejection !== undefined) await writeRejection(record, head.rejection, options);
    const place = head === undefined ? undefined : options.places.get(head);
    if (head === undefined || place === undefined) continue;
    let isFirst = true;
    for (const row of await rowsOf(head, place, record, options)) {
      if (await isRepeated(row, options)) continue;
      yield { row, record, isFirst };
      isFirst = false;
    }
  }
}

/** A trained question that repeats a held back one of another fact is turned down; the fact has other wordings. */
async function isRepeated({ split, fact, messages, source }: Row, options: Emitting): Promise<boolean> {
  const question = messages.at(-2)?.content ?? '';
  const detail = split === 'train' ? options.repeatsHeld(fact, question) : undefined;
  if (detail === undefined) return false;
  const place = { path: `${source.source}/${source.path}`, chunk: '' };
  await options.rejected.add({
    reason: 'CONTAMINATED',
    stage: 'split',
    detail,
    ...place,
    row: { questions: [question] },
  });
  return true;
}

async function writeRejection(
  { fact, chunk }: FactRecord,
  rejection: NonNullable<FactHead['rejection']>,
  { corpus, rejected }: Emitting,
): Promise<void> {
  const head = corpus.chunks[chunk];
  if (head === undefined) return;
  const { questions, answer, cost } = fact;
  const paid = cost === undefined ? {} : { cost };
  await rejected.add({ ...rejection, ...paid, ...where(head, corpus), row: { questions, answer } });
}

async function rowsOf(head: FactHead, place: Place, record: FactRecord, options: Emitting): Promise<Row[]> {
  const { corpus, generator, countTokens } = options;
  const [chunk, document] = [corpus.chunks[head.chunk], corpus.documents[head.document]];
  if (chunk === undefined || document === undefined) return [];
  // of a fact on an unseen side only the plainest wording is a row, so that no fact counts twice in a figure
  const questions = place.side === 'train' ? record.fact.questions : record.fact.questions.slice(0, 1);
  const held = place.held === undefined ? -1 : heldWording;
  const url = await linkTo(record, document, chunk, options);
  const context: RowContext = { fact: head.id, document, chunk, url, generator, countTokens, shares: questions.length };
  return questions.map((question, index) => makeRow(record, question, rowPlace(place, index === held), context));
}

function rowPlace({ side, group, held }: Place, isHeld: boolean) {
  if (side !== 'train') return { split: side, probe: 'unseen', group } as const;
  if (isHeld && held !== undefined) return { split: held, probe: 'recall', group } as const;
  return { split: 'train', probe: null, group } as const;
}

/** To the first quote, or to the chunk where there is none. */
async function linkTo(
  { evidence }: FactRecord,
  document: DocumentHead,
  chunk: { start: number; end: number },
  { sources, corpus }: Emitting,
): Promise<string> {
  const { url = '', revision = '' } = sources.find(({ name }) => name === document.source) ?? {};
  if (url === '' && document.url === undefined) return '';
  const quote = evidence.find(({ path }) => path === undefined) ?? chunk;
  return permalink({ url, revision }, document, await corpus.text(document.index), quote);
}
