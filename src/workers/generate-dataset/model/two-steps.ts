import type { Draft } from '../checks/draft.ts';
import type { PlannedUnit } from '../plan/plan.ts';
import { askWriter, type Asked } from './ask.ts';
import { languageNames, type Desk } from './desk.ts';
import { answerExample, questionsExample } from './examples.ts';
import { answerForm, questionsForm } from './forms.ts';
import type { Material } from './material.ts';
import type { WrittenRefusal } from './refusal.ts';
import { taskOf, taskValues } from './write.ts';

export interface TwoSteps {
  drafts: Draft[];
  /** questions that got no answer */
  refusals: WrittenRefusal[];
}

/** Ask for questions first, at a temperature of their own, then for the answer to each, with more of the documents at hand. */
export async function writeInTwoSteps(
  desk: Desk,
  unit: PlannedUnit,
  { material, wider }: { material: Material; wider: Material },
  project: string,
): Promise<Asked<TwoSteps>> {
  const values = taskValues(desk, unit, project);
  const wordings = String(desk.input.rows.wordings);
  const asked = await askWriter(desk, {
    shown: material.shown,
    task: desk.templates.fill('questions', { ...values, wordings, example: questionsExample }),
    form: questionsForm,
    temperature: desk.settings.questionTemperature,
  });
  if (!('value' in asked)) return asked;
  const found: TwoSteps = { drafts: [], refusals: [] };
  let { cost } = asked;
  for (const written of asked.value.questions.slice(0, unit.facts)) {
    const [question] = written.wordings;
    if (question === undefined) continue;
    const draft = { task: taskOf(written.task, unit), language: unit.language, questions: written.wordings };
    const answered = await answerOne(desk, { ...draft, question }, wider, project);
    cost += answered.cost;
    if ('reason' in answered) found.refusals.push({ ...answered, row: written });
    else
      found.drafts.push({ ...draft, ...answered.value, ...(written.absent === '' ? {} : { absent: written.absent }) });
  }
  return { value: found, cost };
}

type Answered = Pick<Draft, 'answer' | 'evidence' | 'reasoning'>;

export async function answerOne(
  desk: Desk,
  { task, language, question }: Pick<Draft, 'task' | 'language'> & { question: string },
  { shown }: Material,
  project: string,
  turnedDown?: { answer: string; reason: string },
): Promise<Asked<Answered>> {
  const wanted = task === 'other' ? '' : desk.templates.fill(`task-${task}`);
  const values = { project, language: languageNames[language], question, task: wanted, example: answerExample };
  const asked = await askWriter(desk, {
    shown,
    task:
      turnedDown === undefined
        ? desk.templates.fill('answer', values)
        : desk.templates.fill('second-try', { ...values, ...turnedDown }),
    form: answerForm,
    temperature: desk.settings.temperature,
  });
  if ('reason' in asked) return asked;
  const { answerable, answer, evidence, reasoning } = asked.value;
  if (!answerable) return { reason: 'NOT_ANSWERABLE', detail: question, cost: asked.cost };
  return { value: { answer: answer.trim(), evidence, ...(reasoning === '' ? {} : { reasoning }) }, cost: asked.cost };
}
