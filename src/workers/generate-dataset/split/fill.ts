import { hashShare } from './hash.ts';
import { hashedSide, type Side, type SplitInput } from './side.ts';

/**
 * With few groups the hashes may leave a side with next to nothing. A side with less than half of its share of the facts
 * gets the trained groups whose hashes are nearest to it. Returns the groups that are to be moved besides `moved`.
 */
export function fillThinSides(
  sizes: ReadonlyMap<string, number>,
  split: SplitInput,
  moved: ReadonlyMap<string, Side>,
): Map<string, Side> {
  const more = new Map<string, Side>();
  const sideOf = (group: string): Side => more.get(group) ?? moved.get(group) ?? hashedSide(group, split);
  const total = sum(sizes.values());
  const shareOf = (side: Side): number =>
    sum([...sizes].filter(([group]) => sideOf(group) === side).map(([, size]) => size)) / total;
  const wanted: [Side, number, number][] = [
    ['test', 1, split.test],
    ['validation', split.train + split.validation / 2, split.validation],
  ];
  for (const [side, center, share] of wanted) {
    const distance = (group: string): number => Math.abs(hashShare(split.seed, 'split', group) - center);
    const trained = [...sizes.keys()]
      .filter((group) => sideOf(group) === 'train')
      .sort((a, b) => distance(a) - distance(b));
    for (const nearest of trained.slice(0, -1)) {
      if (share === 0 || shareOf(side) >= share / 2) break;
      more.set(nearest, side);
    }
  }
  return more;
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, number) => total + number, 0);
