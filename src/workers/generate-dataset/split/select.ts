import type { GenerateInput } from '../../../contract/inputs.ts';
import type { Corpus } from '../corpus.ts';
import type { FactHead } from '../pipeline/facts.ts';
import { spreadOverDocuments, type Room } from '../rows/sample.ts';
import { documentKey, type Grouping } from './group.ts';
import { holdBack, type HeldSide } from './hold-back.ts';
import type { Side } from './side.ts';

/** Where the rows of a fact go. */
export interface Place {
  side: Side;
  group: string;
  /** set that one of its wordings is held back for */
  held?: HeldSide;
}

export interface Selection {
  places: Map<FactHead, Place>;
  /** facts that are held back beyond what their hashes say */
  held: Record<string, HeldSide>;
}

export interface Selecting {
  input: Pick<GenerateInput, 'rows' | 'split'>;
  documents: Corpus['documents'];
  grouping: Grouping;
  /** facts of the version before go first */
  isPreferred: (head: FactHead) => boolean;
  /** facts held back by the version before that their hashes would not hold back */
  kept?: Record<string, HeldSide>;
}

/** Take as many facts of each side as there is room for, and hold wordings back. On an unseen side a fact gives one row. */
export function selectFacts(
  heads: readonly FactHead[],
  { input, documents, grouping, isPreferred, kept }: Selecting,
): Selection {
  const { rows, split } = input;
  const sides = Map.groupBy(heads, grouping.sideOf);
  const pick = (side: Side, room: number, rowsOf: Room['rowsOf']): FactHead[] =>
    spreadOverDocuments(sides.get(side) ?? [], {
      ...{ rows: room, rowsOf, seed: split.seed, isPreferred },
      documentOf: ({ document }) => documentKey(documents[document] ?? { source: '', path: '' }),
    });
  const validation = pick('validation', Math.floor(rows.max * split.validation), () => 1);
  const test = pick('test', Math.floor(rows.max * split.test), () => 1);
  const train = pick('train', rows.max - validation.length - test.length, ({ wordings }) => wordings);
  const held = holdBack(train, split, kept);
  const places = new Map<FactHead, Place>();
  for (const head of train) {
    const side = held.sides.get(head.id);
    places.set(head, { side: 'train', group: grouping.groupOf(head), ...(side === undefined ? {} : { held: side }) });
  }
  for (const [side, own] of [
    ['validation', validation],
    ['test', test],
  ] as const)
    for (const head of own) places.set(head, { side, group: grouping.groupOf(head) });
  return { places, held: held.added };
}

/** Room for facts that the version before did not have: the rest waits for the versions to come. */
export function limitGrowth(
  heads: readonly FactHead[],
  room: number,
  { input, documents, grouping, isPreferred }: Selecting,
): FactHead[] {
  const fresh = spreadOverDocuments(
    heads.filter((head) => !isPreferred(head)),
    {
      rows: room,
      rowsOf: (head) => (grouping.sideOf(head) === 'train' ? head.wordings : 1),
      seed: input.split.seed,
      documentOf: ({ document }) => documentKey(documents[document] ?? { source: '', path: '' }),
      isPreferred: () => false,
    },
  );
  const taken = new Set(fresh);
  return heads.filter((head) => isPreferred(head) || taken.has(head));
}
