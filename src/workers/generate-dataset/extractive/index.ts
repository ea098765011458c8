import { basename, extname } from 'node:path/posix';
import { languageOf } from '../chunk/tokens.ts';
import type { Finding } from '../fact.ts';
import type { Block, Section } from '../parse/block.ts';
import { isGrounded } from './answer.ts';
import { codeFacts } from './code.ts';
import { refused, type Context } from './context.ts';
import { listFacts } from './entry.ts';
import { headingFacts } from './heading.ts';
import { chinese } from './phrases/chinese.ts';
import { english } from './phrases/english.ts';
import { tableFacts } from './table.ts';

export interface ParsedDocument {
  path: string;
  text: string;
  sections: readonly Section[];
}

/** Facts of a document by its structure alone: no model, no network. The answers are the document's own text. */
export function extractFacts(document: ParsedDocument, project: string): Finding[] {
  const language = languageOf(proseOf(document));
  const context: Context = {
    project,
    fallback: basename(document.path, extname(document.path)).replace(/[-_]+/g, ' '),
    language,
    phrases: language === 'zh' ? chinese : english,
  };
  return document.sections
    .flatMap((section) => sectionFacts(section, context))
    .map((finding) => verify(finding, document));
}

/** The text that a person reads: code is in English whatever the language of the document is. */
function proseOf({ text, sections }: ParsedDocument): string {
  const prose = sections.flatMap(({ blocks }) => blocks.flatMap(proseOfBlock)).join('\n');
  const plain = prose.replace(/`[^`]*`/g, '');
  return plain.trim() === '' ? text : plain;
}

function proseOfBlock(block: Block): string[] {
  if (block.kind === 'list') return block.items.map(({ prose }) => prose.text);
  if (block.kind === 'table') return [block.header, ...block.rows].flat().map(({ text }) => text);
  return block.kind === 'paragraph' || block.kind === 'heading' ? [block.prose.text] : [];
}

function sectionFacts(section: Section, context: Context): Finding[] {
  return [
    ...headingFacts(section, context),
    ...section.blocks.flatMap((block) => {
      if (block.kind === 'list') return listFacts(block, section, context);
      return block.kind === 'table' ? tableFacts(block, section, context) : [];
    }),
    ...codeFacts(section, context),
  ];
}

const labelOnly = /:(?:std:)?(?:num)?ref:`[^`<>]+`/;

/** The mapping from text to document is checked for each row, whatever produced it. */
function verify(finding: Finding, { text }: ParsedDocument): Finding {
  if ('refusal' in finding) return finding;
  const { evidence, answer } = finding.fact;
  const quote = evidence.map(({ start, end }) => text.slice(start, end)).join('\n');
  // the title that a reader sees stands in another document; here is but its label
  if (labelOnly.test(quote)) return refused('POINTS_ELSEWHERE', answer, evidence[0]?.start ?? 0);
  return isGrounded(answer, quote) ? finding : refused('NO_EVIDENCE', answer, evidence[0]?.start ?? 0);
}
