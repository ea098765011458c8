import type { ChunkedDocument } from '../candidate.ts';
import type { Chunk } from '../chunk/chunk.ts';
import { languageOf } from '../chunk/tokens.ts';
import type { Finding } from '../fact.ts';
import type { Span } from '../parse/prose.ts';
import { locateQuote } from './evidence.ts';
import type { ModelAnswer } from './prompt.ts';

type ModelFact = ModelAnswer['facts'][number];

const maxQuestion = 500;
const maxAnswer = 3000;
const contextual =
  /\b(?:this|the) (?:document|text|passage|article|section|page|excerpt|author|snippet)\b|\b(?:above|below)\b|根据(?:文档|上文|本文)|本文|上文|作者/i;
const placeholder = /\[(?:your|insert|todo)[^\]]*\]|\bas an ai\b|<document-[0-9a-f]+/i;

/** Turn what the model wrote into facts: nothing is believed that the chunk does not show. */
export function checkFacts(answer: ModelAnswer, document: ChunkedDocument, chunk: Chunk, limit: number): Finding[] {
  return answer.facts.slice(0, limit).map((fact) => checkFact(fact, document, chunk));
}

function checkFact(fact: ModelFact, document: ChunkedDocument, chunk: Chunk): Finding {
  const refuse = (reason: string, detail: string): Finding => ({
    refusal: { reason, detail, at: chunk.start, row: fact },
  });
  const questions = fact.questions.map((question) => question.trim()).filter((question) => question !== '');
  const usable = questions.filter((question) => question.length <= maxQuestion && !contextual.test(question));
  if (usable.length === 0) return refuse('NOT_SELF_CONTAINED', questions[0] ?? 'no question');
  const text = fact.answer.trim();
  if (text === '' || text.length > maxAnswer) return refuse('BAD_LENGTH', `an answer of ${text.length} characters`);
  if (placeholder.test(text) || usable.some((question) => placeholder.test(question)))
    return refuse('PLACEHOLDER', text);
  if (((text.match(/^\s*```/gm) ?? []).length & 1) === 1) return refuse('UNBALANCED_FENCE', text);
  const spans = fact.evidence.map((quote) => locateQuote(quote, document, chunk));
  const missing = spans.findIndex((span) => span === undefined);
  if (spans.length === 0 || missing !== -1) return refuse('NO_EVIDENCE', fact.evidence[missing] ?? 'no quote');
  return {
    fact: {
      task: fact.task,
      language: languageOf(text),
      questions: usable,
      answer: text,
      evidence: spans.filter((span): span is Span => span !== undefined),
      heading: chunk.heading,
      weight: 3,
    },
  };
}
