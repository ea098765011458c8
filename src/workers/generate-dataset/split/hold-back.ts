import type { FactHead } from '../pipeline/facts.ts';
import { hashShare } from './hash.ts';
import type { SplitInput } from './side.ts';

export type HeldSide = 'recall' | 'validation';

/**
 * Which trained facts give one wording away, and to which set: by the hash of the fact alone, so that a wording that is
 * held back once is never trained later. Where the hashes leave far too few, the nearest facts are added; `kept` are
 * those that the version before had to add.
 */
export function holdBack(
  trained: readonly FactHead[],
  split: SplitInput,
  kept: Readonly<Record<string, HeldSide>> = {},
): { sides: Map<string, HeldSide>; added: Record<string, HeldSide> } {
  const able = trained.filter(({ wordings }) => wordings > 1);
  const shareOf = ({ id }: FactHead): number => hashShare(split.seed, 'recall', id);
  const validation = split.recall === 0 ? 0 : split.validation;
  const sides = new Map<string, HeldSide>();
  for (const head of able) {
    const share = shareOf(head);
    const side = share < split.recall ? 'recall' : share < split.recall + validation ? 'validation' : kept[head.id];
    if (side !== undefined) sides.set(head.id, side);
  }
  const added: Record<string, HeldSide> = { ...kept };
  const free = able.filter(({ id }) => !sides.has(id)).sort((a, b) => shareOf(a) - shareOf(b));
  for (const [side, share] of [
    ['recall', split.recall],
    ['validation', validation],
  ] as const) {
    const held = [...sides.values()].filter((each) => each === side).length;
    const missing = held < (share * able.length) / 2 ? Math.round(share * able.length) - held : 0;
    for (const { id } of free.splice(0, Math.max(0, missing))) {
      sides.set(id, side);
      added[id] = side;
    }
  }
  return { sides, added };
}

/**
 * Which wording is given away: never the plainest one, and the same one however many there are. Drawn by their number, a
 * larger `rows.wordings` would train what was held back before.
 */
export const heldWording = 1;
