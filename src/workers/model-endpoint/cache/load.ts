import { readdir, type FileHandle } from 'node:fs/promises';
import { addTokens, noTokens, type TokenCounts } from '../question.ts';
import type { Trouble } from '../trouble.ts';
import type { KeyIndex, Place } from './key-index.ts';
import { readLines } from './lines.ts';
import { readHead, type Head } from './record.ts';
import { shardEnding } from './shard-writer.ts';

/** What a run has paid so far, whichever of its processes did. */
export interface Paid {
  requests: number;
  usage: TokenCounts;
  /** null where nothing has a price */
  cost: number | null;
  retries: Partial<Record<Trouble, number>>;
}

export const nothingPaid = (): Paid => ({ requests: 0, usage: noTokens, cost: null, retries: {} });

export function addPaid(
  paid: Paid,
  { kind, usage, cost, retries }: Pick<Head, 'kind' | 'usage' | 'cost' | 'retries'>,
): void {
  if (kind !== 'retries' && kind !== 'forget') paid.requests += 1;
  if (usage !== undefined) paid.usage = addTokens(paid.usage, usage);
  if (cost !== undefined) paid.cost = (paid.cost ?? 0) + cost;
  for (const [trouble, count] of Object.entries(retries ?? {}) as [Trouble, number][]) {
    paid.retries[trouble] = (paid.retries[trouble] ?? 0) + count;
  }
}

export const listShards = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.endsWith(shardEnding)).sort();

export interface Loading {
  run: string;
  index: KeyIndex;
  paid: Paid;
  /** keys of what `paid` holds of the run itself, answers left out: the index tells those */
  own: Set<string>;
  /** poor answers of the run itself that it has not forgotten */
  poor: Map<string, Place>;
}

/**
 * Read a shard into the index. Of two answers to one question that of the run itself counts, else the older one, so
 * that a restarted run meets the answers that it met before. Returns how many lines were damaged.
 */
export async function loadShard(loading: Loading, handle: FileHandle, shard: number): Promise<number> {
  let damaged = 0;
  for await (const { text, offset } of readLines(handle)) {
    const head = readHead(text);
    if (head === undefined) {
      damaged += 1;
      continue;
    }
    note(loading, head, { shard, offset, length: text.length, isOwn: head.run === loading.run });
  }
  return damaged;
}

function note({ index, own, paid, poor }: Loading, head: Head, place: Place): void {
  const { key, kind } = head;
  const known = index.get(key);
  if (!place.isOwn) {
    if (kind === 'answer' && known === undefined) index.set(key, place);
    return;
  }
  // copied by a compaction that was killed before it removed the original
  if (known?.isOwn === true || own.has(key)) return;
  addPaid(paid, head);
  if (kind === 'answer') index.set(key, place);
  else own.add(key);
  if (kind === 'poor') poor.set(key, place);
  if (kind === 'forget') forget(poor, own);
}

/** What is asked again may be paid again. */
function forget(poor: Map<string, Place>, own: Set<string>): void {
  for (const key of poor.keys()) own.delete(key);
  poor.clear();
}
