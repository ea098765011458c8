import type { Block, BlockOf } from './block.ts';
import type { Span } from './prose.ts';
import { grammarOf } from './syntax/languages.ts';
import { cutsByLayout, cutsOf, maxPartLength } from './syntax/parts.ts';
import { withTree } from './syntax/tree.ts';

/** Give code blocks that are too long for a chunk the parts that they may be cut into. */
export async function addParts(blocks: readonly Block[], text: string): Promise<Block[]> {
  const done: Block[] = [];
  for (const block of blocks) {
    const isLong = block.kind === 'code' && block.code.length > maxPartLength;
    done.push(isLong ? await cutBlock(block, text) : block);
  }
  return done;
}

async function cutBlock(block: BlockOf<'code'>, text: string): Promise<Block> {
  const grammar = grammarOf(block.language);
  const cuts =
    grammar === undefined
      ? cutsByLayout(block.code)
      : await withTree(grammar, block.code, (root) => cutsOf(root, block.code));
  const starts = placeCuts(block, text, cuts);
  if (starts.length === 0) return block;
  const bounds = [block.start, ...starts, block.end];
  const parts = bounds.slice(1).map((end, index): Span => ({ start: bounds[index] ?? 0, end }));
  return { ...block, parts };
}

/**
 * Places in the document of cuts in the code. A block holds its code line for line, maybe indented or between fences;
 * where its first line is not found, no place is sure and none is given.
 */
function placeCuts({ code, start, end }: BlockOf<'code'>, text: string, cuts: readonly number[]): number[] {
  const source = text.slice(start, end);
  const first = (/\S.*/.exec(code)?.[0] ?? '').trimEnd();
  const found = source.indexOf(first);
  if (first === '' || found === -1) return [];
  const starts = lineStarts(source);
  const lineOfFirst = lineAt(starts, found) - lineAt(lineStarts(code), code.indexOf(first));
  const codeStarts = lineStarts(code);
  return cuts
    .map((cut) => starts[lineOfFirst + lineAt(codeStarts, cut)] ?? 0)
    .filter((place) => place > 0 && place < source.length)
    .map((place) => start + place);
}

const lineStarts = (text: string): number[] => [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];

/** Index of the line that holds a place: the last one that starts at or before it. */
function lineAt(starts: readonly number[], place: number): number {
  let [low, high] = [0, starts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= place) low = middle;
    else high = middle;
  }
  return low;
}
