import { createHash } from 'node:crypto';
import type { Row, Split } from '../../../contract/rows.ts';
import type { Candidate } from '../candidate.ts';

const sha256 = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** The same for all wordings of a fact. */
export const factId = ({ fact, document }: Candidate): string =>
  sha256([document.source, document.path, fact.heading, fact.questions[0], fact.answer]).slice(0, 32);

export function makeRow(
  candidate: Candidate,
  question: string,
  place: { split: Split; probe: Row['probe']; group: string },
  generator: Row['generator'],
): Row {
  const { fact, document, chunk } = candidate;
  const messages: Row['messages'] = [
    { role: 'user', content: question },
    { role: 'assistant', content: fact.answer },
  ];
  const source: Row['source'] = {
    source: document.source,
    path: document.path,
    start: chunk.start,
    end: chunk.end,
    heading: fact.heading,
    evidence: fact.evidence.map(({ start, end }) => ({ quote: document.text.slice(start, end), start, end })),
  };
  return {
    id: `sha256:${sha256([messages, source])}`,
    messages,
    task: fact.task,
    language: fact.language,
    ...place,
    fact: factId(candidate),
    source,
    generator,
    domain: 'documents',
  };
}
