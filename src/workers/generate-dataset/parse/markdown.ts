import type { List, Nodes, Root, RootContent, Table } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { frontmatterFromMarkdown } from 'mdast-util-frontmatter';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { mdxFromMarkdown } from 'mdast-util-mdx';
import { frontmatter } from 'micromark-extension-frontmatter';
import { gfm } from 'micromark-extension-gfm';
import { mdxjs } from 'micromark-extension-mdxjs';
import type { Block, ListItem } from './block.ts';
import { inlineProse, positionOf } from './markdown-prose.ts';
import { definitionsOf, segmentsOf } from './markdown-segments.ts';
import type { Span } from './prose.ts';

/** above this a document is read in parts; in characters */
const segmentSize = 50_000;

/** Blocks of a Markdown document; MDX that is no valid MDX is read as plain Markdown. */
export function parseMarkdown(text: string, isMdx: boolean, size = segmentSize): Block[] {
  const root = isMdx ? tryMdx(text) : undefined;
  return (root?.children ?? parseSegments(text, size)).flatMap((node) => toBlocks(node, text));
}

function parseSegments(text: string, size: number): RootContent[] {
  const segments = segmentsOf(text, size);
  if (segments.length === 1) return parse(text).children;
  const definitions = `${definitionsOf(text)}\n\n`;
  return segments.flatMap(({ start, end }) => {
    const part = text.slice(start, end);
    // metadata stands at the very beginning, and what is never closed goes on to the very end
    const lead = start === 0 ? 0 : definitions.length;
    const { children } = parse(start === 0 ? `${part}\n\n${definitions}` : definitions + part);
    const own = children.filter((node) => {
      const place = node.position?.start.offset ?? 0;
      return place >= lead && place < lead + part.length;
    });
    for (const node of own) move(node, start - lead);
    return own;
  });
}

/** Let the places of a node count from the start of the document. */
function move(node: Nodes, by: number): void {
  for (const point of [node.position?.start, node.position?.end]) if (point?.offset !== undefined) point.offset += by;
  if ('children' in node) for (const child of node.children) move(child, by);
}

const parse = (text: string): Root =>
  fromMarkdown(text, {
    extensions: [gfm(), frontmatter(['yaml', 'toml'])],
    mdastExtensions: [gfmFromMarkdown(), frontmatterFromMarkdown(['yaml', 'toml'])],
  });

function tryMdx(text: string): Root | undefined {
  try {
    return fromMarkdown(text, {
      extensions: [mdxjs(), gfm(), frontmatter(['yaml', 'toml'])],
      mdastExtensions: [mdxFromMarkdown(), gfmFromMarkdown(), frontmatterFromMarkdown(['yaml', 'toml'])],
    });
  } catch {
    return undefined;
  }
}

function toBlocks(node: RootContent, source: string): Block[] {
  const span = positionOf(node);
  if (node.type === 'heading') {
    return [{ kind: 'heading', depth: node.depth, prose: inlineProse(node.children, source), ...span }];
  }
  if (node.type === 'paragraph') {
    if (isDefinitions(source.slice(span.start, span.end))) return [{ kind: 'other', ...span }];
    return [{ kind: 'paragraph', prose: inlineProse(node.children, source), ...span }];
  }
  if (node.type === 'code') return [{ kind: 'code', language: node.lang ?? '', code: node.value, ...span }];
  if (node.type === 'list') return [{ kind: 'list', items: items(node, source), ...span }];
  if (node.type === 'table') return [table(node, source, span)];
  if (node.type === 'mdxJsxFlowElement') return node.children.flatMap((child) => toBlocks(child, source));
  // a quoted note is not the document's own statement of its topic; html is layout
  return [{ kind: 'other', ...span }];
}

/** Definitions of links below one whose label has brackets, which makes a paragraph of them all. */
const isDefinitions = (text: string): boolean => text.split('\n').every((line) => /^\[.+\]:[ \t]+\S/.test(line.trim()));

function items(list: List, source: string): ListItem[] {
  return list.children.map((item) => {
    const first = item.children[0];
    const prose = first?.type === 'paragraph' ? inlineProse(first.children, source) : inlineProse([], source);
    return { prose, ...positionOf(item) };
  });
}

function table(node: Table, source: string, span: Span): Block {
  const [header = [], ...rows] = node.children.map((row) =>
    row.children.map((cell) => inlineProse(cell.children, source)),
  );
  return { kind: 'table', header, rows, ...span };
}
