import type { GenerateInput } from '../../../contract/inputs.ts';
import type { Candidate } from '../candidate.ts';
import { hashShare } from './hash.ts';

export type Side = 'train' | 'validation' | 'test';
type SplitInput = GenerateInput['split'];

export interface Grouping {
  by: SplitInput['groupBy'];
  groupOf: (candidate: Candidate) => string;
  sideOf: (group: string) => Side;
  /** what was done otherwise than asked for */
  notes: string[];
}

/** fewer cannot fill train, validation and test */
const minGroups = 3;

/** Group the facts and give each group a side by its own hash alone, so that a growing dataset never moves a group. */
export function groupCandidates(candidates: readonly Candidate[], split: SplitInput): Grouping {
  const notes: string[] = [];
  let by = split.groupBy;
  let groupOf = by === 'Document' ? documentGroup : sectionGroup;
  if (by === 'Document' && countGroups(candidates, groupOf) < minGroups) {
    [by, groupOf] = ['Section', sectionGroup];
    notes.push(`grouped by Section: fewer than ${minGroups} documents have rows`);
  }
  const sizes = new Map([...Map.groupBy(candidates, groupOf)].map(([group, own]) => [group, own.length]));
  const moved = fillThinSides(sizes, split);
  for (const [group, side] of moved) notes.push(`group "${group}" was moved to ${side}, which had too few facts`);
  return { by, groupOf, sideOf: (group) => moved.get(group) ?? hashedSide(group, split), notes };
}

const documentGroup = ({ document }: Candidate): string => `${document.source}/${document.path}`;
/** sections below the same second heading belong together: the first heading is often the title of the document */
const sectionGroup = ({ document, fact }: Candidate): string =>
  `${document.source}/${document.path}#${fact.heading.slice(0, 2).join('/')}`;

const countGroups = (candidates: readonly Candidate[], groupOf: Grouping['groupOf']): number =>
  new Set(candidates.map(groupOf)).size;

function hashedSide(group: string, { train, validation, seed }: SplitInput): Side {
  const share = hashShare(seed, 'split', group);
  if (share < train) return 'train';
  return share < train + validation ? 'validation' : 'test';
}

/**
 * With few groups the hashes may leave a side with next to nothing. A side with less than half of its share of the facts
 * gets the trained groups whose hashes are nearest to it. Only then can a growing dataset move a group back.
 */
function fillThinSides(sizes: ReadonlyMap<string, number>, split: SplitInput): Map<string, Side> {
  const moved = new Map<string, Side>();
  const groups = [...sizes.keys()];
  const sideOf = (group: string): Side => moved.get(group) ?? hashedSide(group, split);
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const shareOf = (side: Side): number =>
    groups.filter((group) => sideOf(group) === side).reduce((sum, group) => sum + (sizes.get(group) ?? 0), 0) / total;
  const wanted: [Side, number, number][] = [
    ['test', 1, split.test],
    ['validation', split.train + split.validation / 2, split.validation],
  ];
  for (const [side, center, share] of wanted) {
    while (share > 0 && shareOf(side) < share / 2) {
      const trained = groups.filter((group) => sideOf(group) === 'train');
      const distance = (group: string): number => Math.abs(hashShare(split.seed, 'split', group) - center);
      const [nearest] = trained.sort((a, b) => distance(a) - distance(b));
      if (nearest === undefined || trained.length < 2) break;
      moved.set(nearest, side);
    }
  }
  return moved;
}
