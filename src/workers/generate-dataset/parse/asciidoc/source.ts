import type { Line } from '../lines.ts';

/** The document as it is written, and what its attributes stand for. */
export interface Source {
  lines: readonly Line[];
  valueOf: (attribute: string) => string | undefined;
}

/** Whether a line at the end of a block belongs to the one that follows, or ends the one around. */
export const isAttached = ({ text, isBlank }: Line): boolean =>
  isBlank || /^(?:\[.*\]|\.[^\s.].*|\/\/.*|={4,}|\*{4,}|_{4,}|--|\+|:[\w-]+:.*)\s*$/.test(text);
