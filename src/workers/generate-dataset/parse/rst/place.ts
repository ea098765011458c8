import type { Block } from '../block.ts';
import type { Line } from '../lines.ts';

/** Where a block stands. */
export interface Place {
  /** styles of titles in the order of their first use, which gives the depth */
  styles: string[];
  /** of the heading above */
  depth: number;
  /** within another block, where titles are unknown */
  isNested: boolean;
  /** read what stands within a block */
  read(lines: readonly Line[], place: Place): Block[];
}
