import type { Element, Nodes } from 'hast';
import type { Span } from '../prose.ts';

export const positionOf = (node: Nodes): Span => ({
  start: node.position?.start.offset ?? 0,
  end: node.position?.end.offset ?? 0,
});

export const isElement = (node: Nodes): node is Element => node.type === 'element';

export const childElements = (node: Nodes, ...tags: string[]): Element[] =>
  'children' in node
    ? (node.children as Nodes[]).filter(isElement).filter(({ tagName }) => tags.length === 0 || tags.includes(tagName))
    : [];

export function classesOf({ properties }: Element): string[] {
  return Array.isArray(properties['className']) ? properties['className'].map(String) : [];
}

export function findElement(node: Nodes, matches: (element: Element) => boolean): Element | undefined {
  if (isElement(node) && matches(node)) return node;
  for (const child of childElements(node)) {
    const found = findElement(child, matches);
    if (found !== undefined) return found;
  }
  return undefined;
}

export const rawText = (node: Nodes): string =>
  node.type === 'text' ? node.value : 'children' in node ? (node.children as Nodes[]).map(rawText).join('') : '';

const blockTags = new Set([
  ...['address', 'article', 'aside', 'blockquote', 'body', 'center', 'dd', 'details', 'dialog', 'div', 'dl', 'dt'],
  ...['fieldset', 'figcaption', 'figure', 'footer', 'form', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'header', 'hgroup'],
  ...['hr', 'html', 'li', 'main', 'nav', 'ol', 'p', 'pre', 'section', 'summary', 'table', 'ul'],
]);

/** Whether an element is a block, or holds one: elements of other names do, too. */
export const holdsBlocks = (element: Element): boolean =>
  findElement(element, ({ tagName }) => blockTags.has(tagName)) !== undefined;
