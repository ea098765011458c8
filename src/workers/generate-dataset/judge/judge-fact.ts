import type { Corpus, Unit } from '../corpus.ts';
import type { Fact, Finding } from '../fact.ts';
import { toRefusal } from '../model/refusal.ts';
import { placeOf } from '../pipeline/place.ts';
import { hasGap } from '../pipeline/shape.ts';
import type { Case, Judge } from './judge.ts';

export interface FactContext {
  judge: Judge;
  unit: Unit;
  corpus: Corpus;
  /** wordings of a fact that become rows at the most */
  wordings: number;
}

/** The fact with its scores, or why the judge turns it down. */
export async function judgeFact(fact: Fact, { judge, unit, corpus, wordings }: FactContext): Promise<Finding> {
  // it is turned down in any case
  if (hasGap(fact)) return { fact };
  const about = await caseOf({ ...fact, questions: fact.questions.slice(0, wordings) }, unit, corpus);
  const judged = await judge.judge(about);
  const paid = judged.cost > 0 ? { cost: judged.cost } : {};
  const refuse = (reason: string, detail: string, verdict?: object): Finding => {
    const { questions, answer } = fact;
    const row = { questions, answer, ...(verdict === undefined ? {} : { verdict }) };
    return { refusal: toRefusal({ reason, detail, cost: judged.cost, row }, fact.evidence[0]?.start ?? 0, 'judge') };
  };
  if ('reason' in judged) return refuse(judged.reason, judged.detail);
  const { verdict, fault } = judged;
  if (fault !== undefined) return refuse(fault, verdict.reason, verdict);
  const { faithful, relevance, selfContained, difficulty } = verdict;
  const scores = { relevance, selfContained, difficulty, judge: judge.name };
  // without a document nobody can say that it is faithful to one
  return { fact: { ...fact, scores: about.shown.length === 0 ? scores : { ...scores, faithful }, ...paid } };
}

/** Of a fact of a document the chunk that it stands in; a row that was made elsewhere has none. */
async function caseOf(fact: Fact, unit: Unit, corpus: Corpus): Promise<Case> {
  const chunk = placeOf({ fact }, unit, corpus);
  const document = corpus.documents[chunk?.document ?? -1];
  const text = chunk === undefined ? '' : await corpus.text(chunk.document);
  const shown = text.slice(chunk?.start, chunk?.end);
  return {
    project: corpus.project(document?.source ?? ''),
    shown: shown === '' ? [] : [{ place: [document?.path, ...(chunk?.heading ?? [])].join(' > '), text: shown }],
    questions: fact.earlier === undefined && fact.system === undefined ? fact.questions : [conversationOf(fact)],
    answer: fact.answer,
    evidence: fact.evidence.map(({ start, end }) => text.slice(start, end)),
  };
}

function conversationOf({ system, earlier = [], questions }: Fact): string {
  const said = earlier.flatMap(({ question, answer }) => [`User: ${question}`, `Expert: ${answer}`]);
  return [...(system === undefined ? [] : [`System: ${system}`]), ...said, `User: ${questions[0] ?? ''}`].join('\n');
}
