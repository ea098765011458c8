import type { DocumentRecord } from '../../../contract/documents.ts';
import { toSections, type Section } from './block.ts';
import { parseCode } from './code.ts';
import { parseHtml } from './html.ts';
import { parseMarkdown } from './markdown.ts';
import { parsePlain } from './plain.ts';
import { parseRst } from './rst.ts';

/** The sections of a document, in order and covering all of it. */
export function parseDocument({ path, format }: DocumentRecord, text: string): Section[] {
  return toSections(parseBlocks(path, format, text), text.length);
}

function parseBlocks(path: string, format: DocumentRecord['format'], text: string) {
  switch (format) {
    case 'markdown':
      return parseMarkdown(text, path.toLowerCase().endsWith('.mdx'));
    case 'html':
      return parseHtml(text);
    case 'rst':
      return parseRst(text);
    case 'text':
      return parsePlain(text);
    case 'code':
      return parseCode(path, text);
  }
}
