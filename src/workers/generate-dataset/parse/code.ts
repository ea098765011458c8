import { extname } from 'node:path/posix';
import type { Block } from './block.ts';
import { commentProse, isDocumentation } from './comment.ts';
import { mapWhole, type Span } from './prose.ts';
import { findDeclarations, type Declaration } from './syntax/declarations.ts';
import { grammarOf } from './syntax/languages.ts';
import { withTree } from './syntax/tree.ts';

/**
 * A source file: each declaration at its top becomes a heading (its name), a paragraph (the first part of its
 * comment, where it has one) and a code block (all of it). What stands between them is code without a heading.
 */
export async function parseCode(path: string, text: string): Promise<Block[]> {
  const language = extname(path).slice(1).toLowerCase();
  const grammar = grammarOf(language);
  const declarations = grammar === undefined ? [] : await withTree(grammar, text, findDeclarations);
  const blocks: Block[] = [];
  let end = 0;
  for (const declaration of declarations) {
    const blocksOf = declarationBlocks(declaration, language, text);
    const start = Math.min(...blocksOf.map((block) => block.start));
    // two declarations of one statement: the first one has it all
    if (start < end) continue;
    blocks.push(...rest(text, { start: end, end: start }, language), ...blocksOf);
    end = declaration.end;
  }
  return [...blocks, ...rest(text, { start: end, end: text.length }, language)];
}

function declarationBlocks(declaration: Declaration, language: string, text: string): Block[] {
  const { name, start, end, comment } = declaration;
  const code: Block = { kind: 'code', language, code: text.slice(start, end), start, end };
  const isDocumented = comment !== undefined && isDocumentation(language, text.slice(comment.start, comment.end));
  const prose = isDocumented ? commentProse(text, comment) : undefined;
  const isBefore = comment !== undefined && comment.end <= start;
  const from = isDocumented && isBefore ? comment.start : start;
  const firstLine = text.slice(start, end).search(/\r?\n|$/);
  const heading: Block = {
    kind: 'heading',
    depth: 1,
    prose: mapWhole(`\`${name}\``, { start, end: start + firstLine }),
    start: from,
    end: from,
    until: end,
  };
  if (prose === undefined || prose.text === '') return [heading, code];
  // a comment within the declaration is part of its code: its paragraph takes no place of its own
  const place: Span = isBefore ? comment : { start, end: start };
  return [heading, { kind: 'paragraph', prose, ...place }, code];
}

function rest(text: string, { start, end }: Span, language: string): Block[] {
  const source = text.slice(start, end);
  const from = start + source.search(/\S|$/);
  const span = { start: from, end: from + source.trim().length };
  return span.end === span.start ? [] : [{ kind: 'code', language, code: text.slice(span.start, span.end), ...span }];
}
