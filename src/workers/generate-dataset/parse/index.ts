import type { DocumentFormat } from '../../../contract/documents.ts';
import { toSections, type Block, type Section } from './block.ts';
import { addParts } from './code-parts.ts';
import { parseCode } from './code.ts';
import { parseHtml } from './html/index.ts';
import { parseMarkdown } from './markdown.ts';
import { parsePlain } from './plain.ts';
import { parseRst } from './rst/index.ts';

export interface DocumentName {
  path: string;
  format: DocumentFormat;
}

/** The sections of a document, in order and covering all of it. Asynchronous, as grammars are read from files. */
export async function parseDocument({ path, format }: DocumentName, text: string): Promise<Section[]> {
  return toSections(await addParts(await parseBlocks(path, format, text), text), text.length);
}

async function parseBlocks(path: string, format: DocumentFormat, text: string): Promise<Block[]> {
  switch (format) {
    case 'markdown':
    case 'notebook':
    case 'pdf':
    case 'docx':
      // the last three were converted to Markdown
      return parseMarkdown(text, path.toLowerCase().endsWith('.mdx'));
    case 'html':
      return parseHtml(text);
    case 'rst':
      return parseRst(text);
    case 'asciidoc':
      return (await import('./asciidoc/index.ts')).parseAsciidoc(text);
    case 'text':
      return parsePlain(text);
    case 'code':
      return parseCode(path, text);
  }
}
