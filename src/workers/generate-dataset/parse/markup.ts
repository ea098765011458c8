import type { Line } from './lines.ts';
import { joinProse, mapWhole, sliceProse, type Prose, type Span } from './prose.ts';

/** A piece of markup that was found in a text. */
export interface Markup {
  /** name of the first group that took part, but for those named `…Name` */
  kind: string;
  /** what that group holds */
  text: Prose;
  groups: Partial<Record<string, string>>;
  /** all of it */
  span: Span;
}

/** Patterns with a named group each, as one; earlier ones win. */
export const anyOf = (...patterns: readonly RegExp[]): RegExp =>
  new RegExp(patterns.map((pattern) => pattern.source).join('|'), 'dgsu');

/** The lines as they are written. */
export const writtenProse = (lines: readonly Line[]): Prose =>
  joinProse(
    lines.flatMap((line) => [
      identity(line.text.trimEnd(), line.start),
      mapWhole('\n', { start: line.start, end: line.start }),
    ]),
  );

const identity = (text: string, start: number): Prose => ({
  text,
  spans: Array.from(text.split(''), (_, index) => ({ start: start + index, end: start + index + 1 })),
  linked: 0,
});

/** A text with each piece of markup reduced to what a reader sees of it. */
export function reduceMarkup(written: Prose, pattern: RegExp, reduce: (markup: Markup) => Prose): Prose {
  const parts: Prose[] = [];
  let at = 0;
  for (const match of written.text.matchAll(pattern)) {
    const end = match.index + match[0].length;
    const start = written.spans[match.index]?.start ?? 0;
    const span = { start, end: written.spans[end - 1]?.end ?? start };
    // groups that took no part are undefined, which the type does not tell
    const groups: [string, [number, number] | undefined][] = Object.entries(match.indices?.groups ?? {});
    const [kind = '', range] = groups.find(([key, found]) => found !== undefined && !key.endsWith('Name')) ?? [];
    const text = cutProse(written, ...(range ?? [end, end]));
    parts.push(cutProse(written, at, match.index), reduce({ kind, text, groups: match.groups ?? {}, span }));
    at = end;
  }
  return joinProse([...parts, cutProse(written, at, written.text.length)]);
}

/** Part of a text with the white space around it, unlike `sliceProse`. */
export const cutProse = (prose: Prose, start: number, end: number): Prose => ({
  text: prose.text.slice(start, end),
  spans: prose.spans.slice(start, end),
  linked: 0,
});

/** A name of code between backticks. */
export function ticked(text: Prose, { start, end }: Span): Prose {
  return joinProse([mapWhole('`', { start, end: start }), sliceProse(text, 0), mapWhole('`', { start: end, end })]);
}
