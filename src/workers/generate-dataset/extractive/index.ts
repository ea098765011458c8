import { basename, extname } from 'node:path/posix';
import { languageOf } from '../chunk/tokens.ts';
import type { Finding } from '../fact.ts';
import type { Section } from '../parse/block.ts';
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
  const language = languageOf(document.text);
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

/** The mapping from text to document is checked for each row, whatever produced it. */
function verify(finding: Finding, { text }: ParsedDocument): Finding {
  if ('refusal' in finding) return finding;
  const { evidence, answer } = finding.fact;
  const quote = evidence.map(({ start, end }) => text.slice(start, end)).join('\n');
  return isGrounded(answer, quote) ? finding : refused('NO_EVIDENCE', answer, evidence[0]?.start ?? 0);
}
