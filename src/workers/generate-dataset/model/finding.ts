import type { Row } from '../../../contract/rows.ts';
import type { Checked } from '../checks/check.ts';
import { isRefusing, type Draft } from '../checks/draft.ts';
import type { Evidence, Fact } from '../fact.ts';
import type { PlannedUnit } from '../plan/plan.ts';
import type { Desk } from './desk.ts';
import { answerTokens } from './context.ts';
import type { Material } from './material.ts';
import { templatesOf } from './write.ts';

/** What is known about a fact besides what was written. */
export interface Worth {
  scores: Row['scores'];
  cost: number;
  worse?: string;
}

/** facts of a model are richer than what an extraction finds */
const weight = 3;
/** how much a fact that the base model does not know at all weighs more */
const gapWeight = 2;

export function toFact(
  { settings, templates }: Desk,
  unit: PlannedUnit,
  { draft, checked, material }: { draft: Draft; checked: Checked; material: Material },
  { scores, cost, worse }: Worth,
): Fact {
  const [first] = material.passages;
  const home = material.pieces[0]?.chunk;
  const others = new Set(checked.evidence.map(({ document }) => document).filter((one) => one !== home?.document));
  const known = scores?.knownBefore;
  const { task, language, answer, reasoning, earlier = [] } = draft;
  const isLong = unit.group === 'long' && first !== undefined;
  return {
    task,
    language,
    questions: isLong
      ? checked.questions.slice(0, 1).map((question) => withText(question, first.text))
      : checked.questions,
    answer,
    evidence: homeFirst(checked.evidence, home?.document),
    heading: [...(home?.heading ?? [])],
    weight: weight + (known === undefined || isRefusing(task) ? 0 : gapWeight * (1 - known)),
    generator: {
      prompt: task === 'other' ? null : templates.digest(templatesOf(task, isTwoSteps(settings.steps, unit))),
      temperature: settings.temperature,
      maxTokens: answerTokens(settings),
      persona: unit.persona,
    },
    ...(earlier.length === 0
      ? {}
      : { earlier: earlier.map(({ question, answer: said }) => ({ question, answer: said })) }),
    ...(others.size === 0 ? {} : { documents: [...others].filter((one) => one !== undefined) }),
    ...(unit.shown.length > 1 ? { shown: unit.shown } : {}),
    ...(reasoning === undefined || reasoning.trim() === '' ? {} : { reasoning: reasoning.trim() }),
    ...(worse === undefined ? {} : { worse }),
    ...(scores === undefined ? {} : { scores }),
    ...(cost > 0 ? { cost } : {}),
  };
}

/** A conversation or a long text is written at once in any case. */
export const isTwoSteps = (steps: 'One' | 'Two', { group }: PlannedUnit): boolean =>
  steps === 'Two' && group !== 'conversation' && group !== 'long';

/** A row with a long context holds it: that is what it is there for. */
const withText = (question: string, text: string): string => `${text.trim()}\n\n---\n\n${question}`;

/** The place of a fact is that of its first evidence, which lies in the document that it was asked of, if any does. */
function homeFirst(evidence: readonly Evidence[], home: number | undefined): Evidence[] {
  const isHome = ({ document }: Evidence): boolean => document === home;
  const sorted = [...evidence.filter(isHome), ...evidence.filter((one) => !isHome(one))];
  return sorted.map(({ document, start, end }) =>
    document === undefined || document === home ? { start, end } : { start, end, document },
  );
}
