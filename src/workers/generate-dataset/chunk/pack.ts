import type { Piece } from './piece.ts';

export interface PackLimits {
  /** a chunk that reached this size is closed at the next place to cut */
  targetTokens: number;
  /** no chunk exceeds it, but for a single piece that does */
  maxTokens: number;
  /** a smaller chunk is joined with a neighbour where both fit into one */
  minTokens: number;
}

type Group = Piece[];

/** Fill chunks with pieces: a section begins a chunk of its own if what was there before is large enough. */
export function packPieces(pieces: readonly Piece[], limits: PackLimits): Group[] {
  const groups: Group[] = [];
  let open: Group = [];
  let size = 0;
  for (const piece of pieces) {
    if (isFull(open, size, piece, limits)) {
      const kept = leadInOf(open, piece, limits.maxTokens);
      groups.push(open.slice(0, open.length - kept));
      open = open.slice(open.length - kept);
      size = sizeOf(open);
    }
    open.push(piece);
    size += most(piece);
  }
  if (open.length > 0) groups.push(open);
  return joinSmall(groups, limits);
}

/** At the most: side by side, two pieces may take one token more than each by itself. */
const most = ({ tokens }: Piece): number => tokens + 1;
const sizeOf = (group: Group): number => group.reduce((sum, piece) => sum + most(piece), 0);

function isFull(open: Group, size: number, next: Piece, { targetTokens, maxTokens, minTokens }: PackLimits): boolean {
  if (open.length === 0) return false;
  if (size + most(next) > maxTokens) return true;
  if (size - open.length < minTokens) return false;
  return size + most(next) > targetTokens || open.at(-1)?.section !== next.section;
}

const isSmall = (group: Group, minTokens: number): boolean => sizeOf(group) - group.length < minTokens;

/** How many pieces at the end go with the next one: headings, or the sentence before an example. */
function leadInOf(open: Group, next: Piece, maxTokens: number): number {
  let count = 0;
  let size = most(next);
  for (const piece of open.toReversed()) {
    size += most(piece);
    const belongs = piece.leadsIn && (piece.kind === 'heading' || (count === 0 && next.kind !== 'heading'));
    if (!belongs || size > maxTokens) break;
    count += 1;
  }
  // all of them: the chunk was nothing but lead, and cutting it off would leave it alone
  return count < open.length ? count : 0;
}

/** A chunk below the least size goes to the neighbour of its own section, else to the next or the one before. */
function joinSmall(groups: readonly Group[], { minTokens, maxTokens }: PackLimits): Group[] {
  const joined: Group[] = [];
  for (const group of groups) {
    const before = joined.at(-1);
    const mayJoin = before !== undefined && (isSmall(group, minTokens) || isSmall(before, minTokens));
    if (mayJoin && sizeOf(before) + sizeOf(group) <= maxTokens) before.push(...group);
    else joined.push([...group]);
  }
  return joined;
}
