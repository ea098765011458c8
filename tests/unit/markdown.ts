import type { Nodes, Table } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';

const parse = (text: string) =>
  fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }).children;

/** Each top-level table as rows of cells, each cell in its Markdown source; the heading row comes first. */
export function tablesOf(text: string): string[][][] {
  const source = ({ position }: Nodes): string => text.slice(position?.start.offset, position?.end.offset);
  const cell = (node: Nodes): string => source(node).replace(/^\|/, '').replace(/\|$/, '').trim();
  return parse(text)
    .filter((node): node is Table => node.type === 'table')
    .map(({ children }) => children.map((row) => row.children.map(cell)));
}

/** The content of each top-level code block in a language, with the line it begins at. */
export function codeBlocksOf(text: string, language: string): { line: number; code: string }[] {
  return parse(text).flatMap((node) =>
    node.type === 'code' && node.lang === language ? [{ line: node.position?.start.line ?? 0, code: node.value }] : [],
  );
}
