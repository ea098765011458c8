import type { Element, ElementContent, RootContent } from 'hast';
import { fromHtml } from 'hast-util-from-html';
import type { Block } from '../block.ts';
import { mapWhole, spanOf } from '../prose.ts';
import { isLayout, mainContent } from './content.ts';
import { childElements, classesOf, findElement, holdsBlocks, isElement, positionOf, rawText } from './element.ts';
import { inlineProse, proseOf } from './inline.ts';
import { isEntry, readList, readTerms } from './list.ts';

/** Blocks of the main content of a page: what stands around it is left out. */
export function parseHtml(text: string): Block[] {
  const content = mainContent(fromHtml(text));
  const isDeclared = isElement(content) && content.tagName !== 'body';
  const reader: Reader = { source: text, depth: 0, skipsHeaders: !isDeclared };
  return readAll(content.children, reader);
}

interface Reader {
  source: string;
  /** of the heading above */
  depth: number;
  /** the header of a page is layout, that of an article holds its title */
  skipsHeaders: boolean;
  /** what the element around tells of the code in it */
  language?: string;
}

/** Elements as blocks, and text that stands between them as paragraphs. */
function readAll(nodes: readonly (RootContent | ElementContent)[], reader: Reader): Block[] {
  const blocks: Block[] = [];
  let run: ElementContent[] = [];
  const close = (): void => {
    const prose = inlineProse(run, reader.source);
    const span = spanOf(prose);
    if (prose.text !== '' && span !== undefined) blocks.push({ kind: 'paragraph', prose, ...span });
    run = [];
  };
  for (const node of nodes) {
    if (node.type !== 'element' && node.type !== 'text') continue;
    if (node.type === 'text' || !holdsBlocks(node)) run.push(node);
    else {
      close();
      const found = isSkipped(node, reader) ? [] : read(node, reader, blocks.at(-1));
      for (const block of found) if (block.kind === 'heading' && block.until === undefined) reader.depth = block.depth;
      blocks.push(...found);
    }
  }
  close();
  return blocks;
}

const isSkipped = (node: Element, { skipsHeaders }: Reader): boolean =>
  isLayout(node) || (skipsHeaders && node.tagName === 'header');

function read(node: Element, reader: Reader, previous: Block | undefined): Block[] {
  // elements that the page leaves out, such as the body of a table, stand nowhere
  if (node.position === undefined) return readAll(node.children, reader);
  const { source } = reader;
  const span = positionOf(node);
  const heading = /^h([1-6])$/.exec(node.tagName);
  if (heading !== null) return [{ kind: 'heading', depth: Number(heading[1]), prose: proseOf(node, source), ...span }];
  switch (node.tagName) {
    case 'p':
      // broken pages put blocks into paragraphs
      return readAll(node.children, reader);
    case 'pre':
      return [{ kind: 'code', language: languageOf(node) ?? reader.language ?? '', code: codeOf(node), ...span }];
    case 'ul':
    case 'ol':
      return [readList(node, source)];
    case 'dl':
      return isEntry(node) ? readEntry(node, reader) : [readTerms(node, source)];
    case 'table':
      return findElement(node, ({ tagName }) => tagName === 'pre') === undefined
        ? [readTable(node, source)]
        : readAll(node.children, reader);
    case 'blockquote':
    case 'hr':
      return [{ kind: 'other', ...span }];
    default:
      if (languageOf(node) !== undefined)
        return readAll(node.children, { ...reader, language: languageOf(node) ?? '' });
      return isAside(node) && previous?.kind === 'heading'
        ? [{ kind: 'other', ...span }]
        : readAll(node.children, reader);
  }
}

/** A note; right below a title it does not tell what the section is about. */
const isAside = (node: Element): boolean =>
  classesOf(node).some((name) =>
    /^(?:admonition|note|tip|warning|callout|alert|seealso|versionadded|versionchanged|deprecated)$/.test(name),
  );

/** An entry of an API: its signature is a heading, whose section ends with the entry. */
function readEntry(list: Element, reader: Reader): Block[] {
  const { end } = positionOf(list);
  const [term] = childElements(list, 'dt');
  if (term === undefined) return [readTerms(list, reader.source)];
  const span = positionOf(term);
  const signature = inlineProse(term.children, reader.source).text.replaceAll('`', '');
  const heading: Block = {
    kind: 'heading',
    depth: reader.depth + 1,
    prose: mapWhole(`\`${signature}\``, span),
    until: end,
    ...span,
  };
  const inner = { ...reader, depth: reader.depth + 1 };
  return [heading, ...childElements(list, 'dd').flatMap((meaning) => readAll(meaning.children, inner))];
}

function languageOf(node: Element): string | undefined {
  const names = [node, ...childElements(node, 'code')].flatMap(classesOf);
  const prefix = /^(?:language|lang|highlight-source|highlight)-(?!default$|none$)/;
  return names.find((entry) => prefix.test(entry))?.replace(prefix, '');
}

const codeOf = (pre: Element): string => rawText(pre).replace(/^\n|\n+$/g, '');

function readTable(node: Element, source: string): Block {
  const rows = [node, ...childElements(node, 'thead', 'tbody', 'tfoot')].flatMap((part) => childElements(part, 'tr'));
  const [header = [], ...rest] = rows.map((row) => childElements(row, 'th', 'td').map((cell) => proseOf(cell, source)));
  return { kind: 'table', header, rows: rest, ...positionOf(node) };
}
