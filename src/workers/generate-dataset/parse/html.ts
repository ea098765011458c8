import type { Element, ElementContent, Nodes, Root } from 'hast';
import { fromHtml } from 'hast-util-from-html';
import type { Block, ListItem } from './block.ts';
import { alignProse, emptyProse, flattenProse, joinProse, wrapProse, type Prose, type Span } from './prose.ts';

const layout = new Set(['nav', 'header', 'footer', 'aside', 'script', 'style', 'noscript', 'template', 'form', 'svg']);
const containers = new Set(['div', 'section', 'article', 'main', 'body', 'html', 'details', 'figure', 'dl']);

/** Blocks of the main content of a page: navigation, header, footer and scripts are left out. */
export function parseHtml(text: string): Block[] {
  const root = fromHtml(text);
  return blocksOf(mainContent(root), text);
}

function mainContent(root: Root): Root | Element {
  return (
    findElement(root, (element) => element.tagName === 'main' || element.properties['role'] === 'main') ??
    findElement(root, (element) => element.tagName === 'article') ??
    findElement(root, (element) => element.tagName === 'body') ??
    root
  );
}

function findElement(node: Nodes, matches: (element: Element) => boolean): Element | undefined {
  if (node.type === 'element' && matches(node)) return node;
  if (!('children' in node)) return undefined;
  for (const child of node.children) {
    const found = findElement(child, matches);
    if (found !== undefined) return found;
  }
  return undefined;
}

const positionOf = (node: Nodes): Span => ({
  start: node.position?.start.offset ?? 0,
  end: node.position?.end.offset ?? 0,
});

function blocksOf(parent: Root | Element, source: string): Block[] {
  return parent.children.flatMap((node): Block[] => {
    if (node.type !== 'element' || layout.has(node.tagName) || node.position === undefined) return [];
    if (containers.has(node.tagName)) return blocksOf(node, source);
    return toBlock(node, source);
  });
}

function toBlock(node: Element, source: string): Block[] {
  const span = positionOf(node);
  const heading = /^h([1-6])$/.exec(node.tagName);
  if (heading !== null) return [{ kind: 'heading', depth: Number(heading[1]), prose: proseOf(node, source), ...span }];
  switch (node.tagName) {
    case 'p':
      return [{ kind: 'paragraph', prose: proseOf(node, source), ...span }];
    case 'pre':
      return [{ kind: 'code', language: languageOf(node), code: rawText(node).replace(/\n+$/, ''), ...span }];
    case 'ul':
    case 'ol':
      return [{ kind: 'list', items: items(node, source), ...span }];
    case 'table':
      return [table(node, source, span)];
    default:
      return [{ kind: 'other', ...span }];
  }
}

function languageOf(pre: Element): string {
  const classes = [pre, ...pre.children].flatMap((node) =>
    node.type === 'element' && Array.isArray(node.properties['className']) ? node.properties['className'] : [],
  );
  const name = classes.map(String).find((entry) => /^(language|lang|highlight-source)-/.test(entry));
  return name?.replace(/^(language|lang|highlight-source)-/, '') ?? '';
}

const children = (node: Element, ...tags: string[]): Element[] =>
  node.children.filter((child): child is Element => child.type === 'element' && tags.includes(child.tagName));

function items(list: Element, source: string): ListItem[] {
  return children(list, 'li').map((item) => ({ prose: proseOf(item, source), ...positionOf(item) }));
}

function table(node: Element, source: string, span: Span): Block {
  const rows = [node, ...children(node, 'thead', 'tbody')].flatMap((part) => children(part, 'tr'));
  const [header = [], ...rest] = rows.map((row) => children(row, 'th', 'td').map((cell) => proseOf(cell, source)));
  return { kind: 'table', header, rows: rest, ...span };
}

const rawText = (node: ElementContent): string =>
  node.type === 'text' ? node.value : 'children' in node ? node.children.map(rawText).join('') : '';

const nested = new Set(['ul', 'ol', 'pre', 'table', ...layout]);

function proseOf(element: Element, source: string): Prose {
  return flattenProse(joinProse(element.children.map((node) => inline(node, source))));
}

function inline(node: ElementContent, source: string): Prose {
  const span = positionOf(node);
  if (node.type === 'text') return alignProse(node.value, source.slice(span.start, span.end), span.start);
  if (node.type !== 'element' || nested.has(node.tagName)) return emptyProse;
  if (node.tagName === 'br') return alignProse(' ', '', span.start);
  const parts = joinProse(node.children.map((child) => inline(child, source)));
  if (node.tagName === 'code' && parts.text.trim() !== '') {
    const tick = (at: number): Prose => ({ text: '`', spans: [{ start: at, end: at }], linked: 0 });
    return wrapProse(joinProse([tick(span.start), parts, tick(span.end)]), span);
  }
  return node.tagName === 'a' ? { ...wrapProse(parts, span), linked: parts.text.length } : parts;
}
