import type { Row } from '../../../contract/rows.ts';
import { isRefusing, type Draft } from '../checks/draft.ts';
import type { Checked } from '../checks/check.ts';
import { roundTrip } from '../judge/round-trip.ts';
import type { Verdict } from '../judge/verdict.ts';
import { languageNames, type Desk } from './desk.ts';
import type { Material } from './material.ts';

/** What a second model says of a row that stood all checks. */
export interface Judgement {
  scores: NonNullable<Row['scores']> | undefined;
  fault: { reason: string; detail: string; verdict?: Verdict } | undefined;
  cost: number;
}

/** Judge a row, then let the judge find the answer by itself, each where it is asked for. */
export async function judgeDraft(
  desk: Desk,
  draft: Draft,
  { questions }: Checked,
  { shown }: Material,
  project: string,
): Promise<Judgement> {
  const { judge, templates, input } = desk;
  if (judge === undefined) return { scores: undefined, fault: undefined, cost: 0 };
  const { answer, evidence, earlier = [] } = draft;
  const asked = earlier.length === 0 ? questions : [conversationText(draft)];
  const judged = await judge.judge({ project, shown, questions: asked, answer, evidence });
  if ('reason' in judged) return { scores: undefined, fault: judged, cost: judged.cost };
  const { verdict, fault, cost } = judged;
  if (fault !== undefined)
    return { scores: undefined, fault: { reason: fault, detail: verdict.reason, verdict }, cost };
  const { faithful, relevance, selfContained, difficulty } = verdict;
  const scores = { faithful, relevance, selfContained, difficulty, judge: judge.name };
  const [question] = questions;
  const needsTrip = input.quality.roundTrip === 'Check' && !isRefusing(draft.task) && earlier.length === 0;
  if (!needsTrip || question === undefined) return { scores, fault: undefined, cost };
  const language = languageNames[draft.language];
  const trip = await roundTrip(judge.asker, templates, { project, language, shown, question, answer });
  return { scores, fault: trip.fault, cost: cost + trip.cost };
}

const conversationText = ({ earlier = [], questions }: Draft): string =>
  [
    ...earlier.flatMap(({ question, answer }) => [`User: ${question}`, `Expert: ${answer}`]),
    `User: ${questions[0] ?? ''}`,
  ].join('\n');
