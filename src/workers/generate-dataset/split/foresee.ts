import type { Corpus } from '../corpus.ts';
import { chunkKey, grainOf, type Pins } from './group.ts';
import { hashedSide, type Side, type SplitInput } from './side.ts';

/**
 * The side that a chunk will lie on, before there are facts: what crosses sides would be paid for and thrown away. Only groups
 * that this version is the first to move, since there are few, turn out otherwise; `groupFacts` has the last word.
 */
export function foreseeSides(
  places: Pick<Corpus, 'documents' | 'chunks'>,
  split: SplitInput,
  pins: Pins | undefined,
  documents: number,
): (chunk: number) => Side {
  const by = pins?.by ?? grainOf(split, documents);
  const known = new Map<string, Side>();
  return (chunk) => {
    const group = chunkKey(by, chunk, places);
    const side = known.get(group) ?? pins?.moved[group] ?? hashedSide(group, split);
    known.set(group, side);
    return side;
  };
}
