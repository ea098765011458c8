import { createHash } from 'node:crypto';
import type { Corpus } from '../corpus.ts';
import type { Pins } from '../split/group.ts';
import type { PlannedUnit } from './plan.ts';

/** What the version before means for a new one. */
export interface Growth {
  /** rows that may be added; Infinity where they are not limited */
  room: number;
  /** groups that it moved to another side, which stay there */
  pins?: Pins;
  /** whether the version before asked the same of the same texts */
  hasAsked: (key: string) => boolean;
}

/** some of what is asked for turns out useless */
const margin = 1.5;

/**
 * The units that may be asked for: what was asked before is answered from the store and costs nothing; of the rest as
 * many as there is room for, in the order of the plan, which takes all documents in turns.
 */
export function limitUnits(
  units: readonly PlannedUnit[],
  keys: ReadonlyMap<string, string>,
  { room, hasAsked }: Growth,
): { allowed: PlannedUnit[]; waiting: PlannedUnit[] } {
  const [allowed, waiting]: [PlannedUnit[], PlannedUnit[]] = [[], []];
  let rows = 0;
  for (const unit of units) {
    const isKnown = hasAsked(keys.get(unit.id) ?? '');
    const isWithin = isKnown || (rows < room && rows + unit.rowsPlanned <= Math.max(room * margin, unit.rowsPlanned));
    if (!isKnown && isWithin) rows += unit.rowsPlanned;
    (isWithin ? allowed : waiting).push(unit);
  }
  return { allowed, waiting };
}

/** A key for what a unit asks of which texts, by its id: 32 hex digits. `about`: the model and how it is asked. */
export async function unitKeys(
  units: readonly PlannedUnit[],
  corpus: Pick<Corpus, 'chunks' | 'text'>,
  about: unknown,
): Promise<Map<string, string>> {
  const digests = await textDigests(new Set(units.flatMap(({ shown }) => shown)), corpus);
  return new Map(
    units.map(({ id, group, language, persona, tasks, rowsPlanned, shown }) => {
      const texts = shown.map((index) => digests.get(index));
      return [id, sha256(JSON.stringify([about, group, language, persona, tasks, rowsPlanned, texts]))];
    }),
  );
}

/** Digests of the texts of chunks by their index; chunks are in the order of documents, so each one is read once. */
async function textDigests(
  indexes: ReadonlySet<number>,
  { chunks, text }: Pick<Corpus, 'chunks' | 'text'>,
): Promise<Map<number, string>> {
  const digests = new Map<number, string>();
  for (const { index, document, start, end } of chunks) {
    if (indexes.has(index)) digests.set(index, sha256((await text(document)).slice(start, end)));
  }
  return digests;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
