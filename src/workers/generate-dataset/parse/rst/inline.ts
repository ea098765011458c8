import type { Line } from '../lines.ts';
import { anyOf, cutProse, reduceMarkup, ticked, writtenProse, type Markup } from '../markup.ts';
import { emptyProse, flattenProse, wrapProse, type Prose } from '../prose.ts';

/** roles whose text is not a name of code */
const plainRoles =
  /^(?:ref|doc|term|abbr|any|pep|rfc|sup|sub|guilabel|menuselection|dfn|emphasis|strong|title|title-reference|download|numref|issue|pr|user|std:(?:ref|doc|term))$/;

const literal = /``(?<literal>.+?)``(?!`)/su;
const role = /:(?<roleName>[A-Za-z][\w:+.-]*):`(?<roleText>[^`]+)`/u;
const link = /`(?<linkText>[^`<]+?)(?:\s*<[^`>]*>)?`__?/u;
const quoted = /_?`(?<quoted>[^`]+)`/u;
const strong = /\*\*(?<strong>\S(?:.*?\S)?)\*\*/su;
const emphasis = /(?<![\w*])\*(?<emphasis>[^\s*](?:[^*]*[^\s*])?)\*(?![\w*])/u;
const footnote = /\[(?:#?\w*|\*)\]_(?!\w)/u;
const substitution = /(?<!\w)\|(?<substitution>\S(?:[^|]*\S)?)\|_{0,2}(?!\w)/u;
const reference = /(?<![\w`.])(?<reference>[A-Za-z][A-Za-z0-9]*(?:[-_.+][A-Za-z0-9]+)*)__?(?![\w`])/u;
const escape = /\\(?<escaped>[^])/u;
const markup = anyOf(literal, role, link, quoted, strong, emphasis, footnote, substitution, reference, escape);

/** The text of lines of one paragraph: markup is reduced to its text, names of code are between backticks. */
export const proseOf = (lines: readonly Line[]): Prose =>
  flattenProse(reduceMarkup(writtenProse(lines), markup, reduce));

/** What a reader sees of a piece of markup. */
function reduce(found: Markup): Prose {
  const { kind, text, span } = found;
  switch (kind) {
    case '':
      return emptyProse;
    case 'escaped':
      return /\s/.test(text.text) ? emptyProse : text;
    case 'roleText':
      return roleProse(found);
    case 'literal':
    case 'quoted':
      return wrapProse(ticked(text, span), span);
    case 'linkText':
    case 'reference':
      return { ...wrapProse(text, span), linked: text.text.length };
    default:
      return wrapProse(text, span);
  }
}

function roleProse({ text, groups, span }: Markup): Prose {
  const target = /\s*<[^<>]*>$/.exec(text.text);
  const shown = target === null || target.index === 0 ? text : cutProse(text, 0, target.index);
  // `~a.b.C` is shown as C, and `!a` is no link
  const skipped = /^~(?:.*\.)?|^!/.exec(shown.text)?.[0].length ?? 0;
  const part = cutProse(shown, skipped, shown.text.length);
  if (plainRoles.test(groups['roleName'] ?? '')) return { ...wrapProse(part, span), linked: part.text.length };
  return wrapProse(ticked(part, span), span);
}
