import type { Corpus } from '../corpus.ts';
import type { FactHead } from '../pipeline/facts.ts';
import { fillThinSides } from './fill.ts';
import { hashedSide, type Side, type SplitInput } from './side.ts';

export interface Grouping {
  by: SplitInput['groupBy'];
  groupOf: (head: FactHead) => string;
  /** undefined: the fact takes from groups on different sides */
  sideOf: (head: FactHead) => Side | undefined;
  /** where a chunk lies, whether or not there are facts in it */
  placeOf: (chunk: number) => { group: string; side: Side };
  /** groups that lie elsewhere than their hashes say; the next version keeps them there */
  moved: Record<string, Side>;
  /** what was done otherwise than asked for */
  notes: string[];
}

/** What the version before did otherwise than the hashes say. */
export interface Pins {
  by: SplitInput['groupBy'];
  moved: Readonly<Record<string, Side>>;
}

/** fewer cannot fill train, validation and test */
const minGroups = 3;

type Places = Pick<Corpus, 'documents' | 'chunks'>;

/**
 * Group the facts and give each group a side by its own hash. Groups that had to be moved since there are few of them
 * stay moved in all versions that come after: a growing dataset never trains what it once held back.
 */
export function groupFacts(heads: readonly FactHead[], split: SplitInput, places: Places, pins?: Pins): Grouping {
  const notes: string[] = [];
  const by = pins?.by ?? chooseGrain(heads, split, places, notes);
  const groupOf = (head: FactHead): string => keyOf(by, head.document, head.section, places);
  const moved = new Map(Object.entries(pins?.moved ?? {}));
  const sizes = sizesOf(heads, groupOf);
  for (const [group, side] of fillThinSides(sizes, split, moved)) moved.set(group, side);
  const drawn = (group: string): Side => moved.get(group) ?? hashedSide(group, split);
  // one or two groups may all be drawn to be held back; a group that is held back later was trained before, not the reverse
  const isNothingTrained = [...sizes.keys()].every((group) => drawn(group) !== 'train');
  if (isNothingTrained && sizes.size > 0) notes.push('nothing is held back as unseen: there are too few groups');
  const ownSide = (group: string): Side => (isNothingTrained ? 'train' : drawn(group));
  const sideOf = (head: FactHead): Side | undefined => {
    const side = ownSide(groupOf(head));
    return head.others.every((chunk) => ownSide(chunkKey(by, chunk, places)) === side) ? side : undefined;
  };
  const placeOf = (chunk: number): { group: string; side: Side } => {
    const group = chunkKey(by, chunk, places);
    return { group, side: ownSide(group) };
  };
  return {
    by,
    groupOf,
    sideOf,
    placeOf,
    moved: Object.fromEntries([...moved].sort(([a], [b]) => (a < b ? -1 : 1))),
    notes,
  };
}

function chooseGrain(
  heads: readonly FactHead[],
  { groupBy }: SplitInput,
  places: Places,
  notes: string[],
): SplitInput['groupBy'] {
  const by = grainOf({ groupBy }, new Set(heads.map(({ document }) => document)).size);
  if (by !== groupBy) notes.push(`grouped by Section: fewer than ${minGroups} documents have rows`);
  return by;
}

/** By what is grouped where so many documents have rows. */
export const grainOf = ({ groupBy }: Pick<SplitInput, 'groupBy'>, documents: number): SplitInput['groupBy'] =>
  documents >= minGroups ? groupBy : 'Section';

function sizesOf(heads: readonly FactHead[], groupOf: (head: FactHead) => string): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const head of heads) sizes.set(groupOf(head), (sizes.get(groupOf(head)) ?? 0) + 1);
  return sizes;
}

export const documentKey = ({ source, path }: { source: string; path: string }): string => `${source}/${path}`;

/** sections below the same second heading belong together: the first heading is often the title of the document */
function keyOf(by: SplitInput['groupBy'], document: number, section: string, { documents }: Places): string {
  const head = documents[document];
  const key = head === undefined ? '' : documentKey(head);
  return by === 'Document' ? key : `${key}#${section}`;
}

export function chunkKey(by: SplitInput['groupBy'], chunk: number, places: Places): string {
  const { document = 0, heading = [] } = places.chunks[chunk] ?? {};
  return keyOf(by, document, heading.slice(0, 2).join('/'), places);
}
