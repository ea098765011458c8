import { flattenProse, joinProse, mapWhole, sliceProse, spanOf, wrapProse, type Prose } from '../prose.ts';
import type { Line } from './lines.ts';

/** roles whose text is not a name of code */
const plainRoles =
  /^(?:ref|doc|term|abbr|any|pep|rfc|sup|sub|guilabel|menuselection|dfn|emphasis|strong|title|title-reference|download|numref|issue|pr|user|std:(?:ref|doc|term))$/;

const literal = /``(?<literal>.+?)``(?!`)/su;
const role = /:(?<role>[A-Za-z][\w:+.-]*):`(?<roleText>[^`]+)`/u;
const link = /`(?<linkText>[^`<]+?)(?:\s*<[^`>]*>)?`__?/u;
const quoted = /_?`(?<quoted>[^`]+)`/u;
const strong = /\*\*(?<strong>\S(?:.*?\S)?)\*\*/su;
const emphasis = /(?<![\w*])\*(?<emphasis>[^\s*](?:[^*]*[^\s*])?)\*(?![\w*])/u;
const footnote = /\[(?:#?\w*|\*)\]_(?!\w)/u;
const substitution = /(?<!\w)\|(?<substitution>\S(?:[^|]*\S)?)\|_{0,2}(?!\w)/u;
const reference = /(?<![\w`.])(?<reference>[A-Za-z][A-Za-z0-9]*(?:[-_.+][A-Za-z0-9]+)*)__?(?![\w`])/u;
const escape = /\\(?<escaped>[^])/u;
const markup = new RegExp(
  [literal, role, link, quoted, strong, emphasis, footnote, substitution, reference, escape]
    .map((pattern) => pattern.source)
    .join('|'),
  'dgsu',
);

/** The text of lines of one paragraph: markup is reduced to its text, names of code are between backticks. */
export function proseOf(lines: readonly Line[]): Prose {
  const raw = joinProse(
    lines.flatMap((line) => [
      identity(line.text.trimEnd(), line.start),
      mapWhole('\n', { start: line.start, end: line.start }),
    ]),
  );
  return flattenProse(joinProse(segments(raw)));
}

const identity = (text: string, start: number): Prose => ({
  text,
  spans: Array.from(text.split(''), (_, index) => ({ start: start + index, end: start + index + 1 })),
  linked: 0,
});

function segments(raw: Prose): Prose[] {
  const parts: Prose[] = [];
  let at = 0;
  for (const match of raw.text.matchAll(markup)) {
    parts.push(cut(raw, at, match.index), reduce(match, raw));
    at = match.index + match[0].length;
  }
  return [...parts, cut(raw, at, raw.text.length)];
}

const cut = (prose: Prose, start: number, end: number): Prose => ({
  text: prose.text.slice(start, end),
  spans: prose.spans.slice(start, end),
  linked: 0,
});

/** What a reader sees of a piece of markup. */
function reduce(match: RegExpExecArray, raw: Prose): Prose {
  const whole = cut(raw, match.index, match.index + match[0].length);
  // groups that took no part are undefined, which the type does not tell
  const groups: [string, [number, number] | undefined][] = Object.entries(match.indices?.groups ?? {});
  const [name, range] = groups.find(([key, found]) => found !== undefined && key !== 'role') ?? [];
  if (name === undefined || range === undefined) return cut(raw, 0, 0);
  const [start, end] = range;
  const text = cut(raw, start, end);
  const span = spanOf(whole) ?? { start: 0, end: 0 };
  if (name === 'escaped') return /\s/.test(text.text) ? cut(raw, 0, 0) : text;
  if (name === 'roleText') return roleProse(match.groups?.['role'] ?? '', text, span);
  if (name === 'literal' || name === 'quoted') return wrapProse(ticked(text, span), span);
  const isLink = name === 'linkText' || name === 'reference';
  return { ...wrapProse(text, span), linked: isLink ? text.text.length : 0 };
}

function roleProse(role: string, text: Prose, span: { start: number; end: number }): Prose {
  const target = /\s*<[^<>]*>$/.exec(text.text);
  const shown = target === null || target.index === 0 ? text : cut(text, 0, target.index);
  // `~a.b.C` is shown as C, and `!a` is no link
  const skipped = /^~(?:.*\.)?|^!/.exec(shown.text)?.[0].length ?? 0;
  const part = cut(shown, skipped, shown.text.length);
  if (plainRoles.test(role)) return { ...wrapProse(part, span), linked: part.text.length };
  return wrapProse(ticked(part, span), span);
}

function ticked(text: Prose, { start, end }: { start: number; end: number }): Prose {
  const inner = sliceProse(text, 0);
  return joinProse([mapWhole('`', { start, end: start }), inner, mapWhole('`', { start: end, end })]);
}
