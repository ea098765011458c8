import type { Line } from '../lines.ts';
import { anyOf, cutProse, reduceMarkup, ticked, writtenProse, type Markup } from '../markup.ts';
import { emptyProse, flattenProse, mapWhole, wrapProse, type Prose } from '../prose.ts';

const literal = /``(?<literal>.+?)``|(?<![\w`])`\+?(?<mono>[^\s`](?:[^`]*[^\s`])?)`(?![\w`])/u;
const dropped =
  /(?:footnote(?:ref)?|indexterm2?|image|icon|anchor|stem|pass):+[^\s[\]]*\[[^\]]*\]|\(\(\([^)]*\)\)\)|\[\[[^\]]*\]\]|<\d+>/u;
const link = /(?:link:|xref:|mailto:|https?:\/\/)[^\s[\]]*\[(?<linkText>[^\],]*)[^\]]*\]/u;
const crossReference = /<<[^<>,]*,\s*(?<crossText>[^<>]*)>>|<<(?<crossId>[^<>,]*)>>/u;
const key = /(?:kbd|btn|menu):[^\s[]*\[(?<key>[^\]]*)\]/u;
const emphasis =
  /\*\*(?<strong>[^*]+)\*\*|__(?<emphasis>[^_]+)__|(?<![\w*])\*(?<bold>[^\s*](?:[^*]*[^\s*])?)\*(?![\w*])|(?<![\w_])_(?<italic>[^\s_](?:[^_]*[^\s_])?)_(?![\w_])/u;
const role = /\[[.\w#-]+\]#(?<marked>[^#]+)#/u;
const attribute = /\{(?<attribute>[\w-]+)\}/u;
const indexTerm = /\(\((?<term>[^()]+)\)\)/u;
const lineBreak = / \+(?=\n)/u;
const markup = anyOf(literal, dropped, link, crossReference, key, emphasis, role, attribute, indexTerm, lineBreak);

/** The text of lines of one paragraph. `valueOf`: of the attributes of the document. */
export function proseOf(lines: readonly Line[], valueOf: (attribute: string) => string | undefined): Prose {
  return flattenProse(reduceMarkup(writtenProse(lines), markup, (found) => reduce(found, valueOf)));
}

function reduce({ kind, text, span }: Markup, valueOf: (attribute: string) => string | undefined): Prose {
  switch (kind) {
    case '':
      return emptyProse;
    case 'literal':
    case 'mono':
      return wrapProse(ticked(cutProse(text, 0, text.text.replace(/\+$/, '').length), span), span);
    case 'attribute':
      return mapWhole(valueOf(text.text) ?? `{${text.text}}`, span);
    case 'linkText':
    case 'crossText':
    case 'crossId':
      return { ...wrapProse(text, span), linked: text.text.length };
    default:
      return wrapProse(text, span);
  }
}
