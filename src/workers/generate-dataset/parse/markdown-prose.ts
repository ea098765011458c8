import type { Nodes, PhrasingContent } from 'mdast';
import { anyOf, reduceMarkup } from './markup.ts';
import {
  alignProse,
  emptyProse,
  flattenProse,
  joinProse,
  mapWhole,
  wrapProse,
  type Prose,
  type Span,
} from './prose.ts';

export function positionOf(node: Nodes): Span {
  return { start: node.position?.start.offset ?? 0, end: node.position?.end.offset ?? 0 };
}

/** The text of inline Markdown: links, emphasis and images are reduced to their text, code keeps its backticks. */
export function inlineProse(nodes: readonly PhrasingContent[], source: string): Prose {
  const prose = joinProse(nodes.map((node) => proseOf(node, source)));
  return flattenProse(prose.text.includes('][') ? withoutDeadReferences(prose) : prose);
}

const code = /(?<code>`[^`]*`)/u;
const deadReference = /(?<![\w\]])\[(?<shown>`[^`]+`|[^[\]`]+)\]\[(?:`[^`]*`|[^[\]`])*\]/u;
const codeOrReference = anyOf(code, deadReference);

/** A reference whose definition is missing, or broken by brackets in a label above it, is meant as its text. */
function withoutDeadReferences(prose: Prose): Prose {
  const shown = reduceMarkup(prose, codeOrReference, ({ kind, text, span }) =>
    kind === 'code' ? text : wrapProse(text, span),
  );
  return { ...shown, linked: prose.linked };
}

function proseOf(node: PhrasingContent, source: string): Prose {
  const span = positionOf(node);
  const written = source.slice(span.start, span.end);
  if (node.type === 'text') return alignProse(node.value, written, span.start);
  if (node.type === 'inlineCode') return wrapProse(alignProse(`\`${node.value}\``, written, span.start), span);
  if (node.type === 'break') return mapWhole(' ', span);
  if (node.type === 'link' || node.type === 'linkReference') {
    const prose = wrapProse(joinProse(node.children.map((child) => proseOf(child, source))), span);
    return { ...prose, linked: prose.text.length };
  }
  if (node.type === 'emphasis' || node.type === 'strong' || node.type === 'delete') {
    return wrapProse(joinProse(node.children.map((child) => proseOf(child, source))), span);
  }
  // images, footnote marks and raw html say nothing
  return emptyProse;
}
