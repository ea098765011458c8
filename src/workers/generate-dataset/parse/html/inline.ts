import type { Element, ElementContent } from 'hast';
import { alignProse, emptyProse, flattenProse, joinProse, mapWhole, wrapProse, type Prose } from '../prose.ts';
import { isLayout } from './content.ts';
import { positionOf } from './element.ts';

const separate = new Set(['ul', 'ol', 'dl', 'pre', 'table', 'img', 'video', 'audio', 'picture']);
const codeTags = new Set(['code', 'kbd', 'samp', 'tt', 'var']);

/** The text of an element; lists, tables and code within it stand for themselves. */
export const proseOf = (element: Element, source: string): Prose => inlineProse(element.children, source);

export const inlineProse = (nodes: readonly ElementContent[], source: string): Prose =>
  flattenProse(joinProse(nodes.map((node) => inline(node, source))));

function inline(node: ElementContent, source: string): Prose {
  const span = positionOf(node);
  if (node.type === 'text') return alignProse(node.value, source.slice(span.start, span.end), span.start);
  if (node.type !== 'element' || separate.has(node.tagName) || isLayout(node)) return emptyProse;
  const blank = mapWhole(' ', { start: span.start, end: span.start });
  if (node.tagName === 'br') return blank;
  const parts = joinProse(node.children.map((child) => inline(child, source)));
  if (codeTags.has(node.tagName) && parts.text.trim() !== '' && !parts.text.includes('`')) {
    const tick = (at: number): Prose => mapWhole('`', { start: at, end: at });
    return wrapProse(joinProse([tick(span.start), parts, tick(span.end)]), span);
  }
  if (node.tagName === 'a') return { ...wrapProse(parts, span), linked: parts.text.length };
  return node.tagName === 'p' || node.tagName === 'div' ? joinProse([parts, blank]) : parts;
}
