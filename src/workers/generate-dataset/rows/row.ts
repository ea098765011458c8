import type { Row, Split } from '../../../contract/rows.ts';
import type { ChunkHead, DocumentHead } from '../corpus.ts';
import type { Fact } from '../fact.ts';
import type { FactRecord } from '../pipeline/facts.ts';
import { rowId } from './id.ts';

export interface RowPlace {
  split: Split;
  probe: Row['probe'];
  group: string;
}

export interface RowContext {
  /** id of the fact */
  fact: string;
  document: DocumentHead;
  chunk: ChunkHead;
  /** leads to the evidence; empty where nothing can be opened */
  url: string;
  generator: Row['generator'];
  countTokens: (text: string) => number;
  /** rows that share the cost of the fact */
  shares: number;
}

/** One wording of a fact as a row. The order of its members is that of its line in the file. */
export function makeRow(
  { fact, evidence, review }: FactRecord,
  question: string,
  place: RowPlace,
  context: RowContext,
): Row {
  const messages = messagesOf(fact, question);
  const source = sourceOf(fact, evidence, context);
  const prompt = messages.slice(0, -1).reduce((sum, { content }) => sum + context.countTokens(content), 0);
  return {
    id: rowId(messages, source),
    messages,
    task: fact.task,
    language: fact.language,
    ...place,
    fact: context.fact,
    source,
    generator: { ...context.generator, ...fact.generator },
    domain: 'documents',
    ...(fact.reasoning === undefined ? {} : { reasoning: fact.reasoning }),
    ...(fact.references === undefined ? {} : { references: fact.references }),
    ...(fact.scores === undefined ? {} : { scores: fact.scores }),
    tokens: { prompt, answer: context.countTokens(fact.answer) },
    ...(fact.cost === undefined ? {} : { cost: fact.cost / context.shares }),
    ...(review === undefined ? {} : { review }),
  };
}

/** The messages of a fact with this question, in order: system prompt, earlier turns, question, answer. */
export function messagesOf({ system, earlier = [], answer }: Fact, question: string): Row['messages'] {
  const turn = (asked: string, answered: string): Row['messages'] => [
    { role: 'user', content: asked },
    { role: 'assistant', content: answered },
  ];
  return [
    ...(system === undefined ? [] : [{ role: 'system', content: system } as const]),
    ...earlier.flatMap((each) => turn(each.question, each.answer)),
    ...turn(question, answer),
  ];
}

const sourceOf = (
  { heading }: Fact,
  evidence: Row['source']['evidence'],
  { document, chunk, url }: RowContext,
): Row['source'] => ({
  source: document.source,
  path: document.path,
  ...(url === '' ? {} : { url }),
  start: chunk.start,
  end: chunk.end,
  heading,
  evidence,
});
