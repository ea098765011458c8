import type { Draft } from '../checks/draft.ts';
import type { PlannedUnit } from '../plan/plan.ts';
import type { TemplateName, WritableTask } from '../prompts/catalog.ts';
import { conversationExample, factsExample } from './examples.ts';
import { askWriter, type Asked } from './ask.ts';
import { languageNames, type Desk } from './desk.ts';
import { conversationForm, factsForm, type WrittenFact } from './forms.ts';
import type { Material } from './material.ts';

/** Ask for questions with their answers in one request. */
export async function writeAtOnce(
  desk: Desk,
  unit: PlannedUnit,
  material: Material,
  project: string,
): Promise<Asked<Draft[]>> {
  const { templates, settings, input } = desk;
  if (unit.group === 'conversation') return writeConversation(desk, unit, material, project);
  const wordings = unit.group === 'long' ? 1 : input.rows.wordings;
  const task = templates.fill('write', {
    ...taskValues(desk, unit, project),
    wordings: String(wordings),
    example: factsExample(unit.group),
  });
  const form = factsForm(unit.group);
  const asked = await askWriter(desk, { shown: material.shown, task, form, temperature: settings.temperature });
  if (!('value' in asked)) return asked;
  return { value: asked.value.facts.map((fact) => toDraft(fact, unit)), cost: asked.cost };
}

async function writeConversation(
  desk: Desk,
  unit: PlannedUnit,
  { shown }: Material,
  project: string,
): Promise<Asked<Draft[]>> {
  const values = { ...taskValues(desk, unit, project), example: conversationExample };
  const task = desk.templates.fill('conversation', values);
  const { temperature } = desk.settings;
  const asked = await askWriter(desk, { shown, task, form: conversationForm, temperature });
  if (!('value' in asked)) return asked;
  const drafts = asked.value.conversations.flatMap(({ turns }): Draft[] => {
    const last = turns.at(-1);
    if (last === undefined) return [];
    const draft = { task: 'multiTurn', language: unit.language, questions: [last.question] } as const;
    return [{ ...draft, answer: last.answer, evidence: last.evidence, earlier: turns.slice(0, -1) }];
  });
  return { value: drafts, cost: asked.cost };
}

/** The values that all prompts of a unit share. */
export function taskValues({ templates }: Desk, unit: PlannedUnit, project: string): Record<string, string> {
  const tasks = unit.tasks.map(({ task, count }) => `- ${count} of "${task}": ${templates.fill(`task-${task}`)}`);
  return {
    project,
    language: languageNames[unit.language],
    persona: unit.persona,
    facts: String(unit.facts),
    tasks: tasks.join('\n'),
  };
}

/** A task that was not asked for counts as the one that was, where there is only one. */
export function taskOf(written: WritableTask, { tasks }: PlannedUnit): WritableTask {
  const [only] = tasks;
  return tasks.length === 1 && only !== undefined ? only.task : written;
}

function toDraft(fact: WrittenFact, unit: PlannedUnit): Draft {
  const { questions, answer, evidence, reasoning, absent } = fact;
  return {
    task: taskOf(fact.task, unit),
    language: unit.language,
    questions,
    answer: answer.trim(),
    evidence,
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(absent === undefined ? {} : { absent }),
  };
}

/** The templates that a draft comes from, for its digest. */
export function templatesOf(task: WritableTask, isTwoSteps: boolean): TemplateName[] {
  const asked: TemplateName[] =
    task === 'multiTurn' ? ['conversation'] : isTwoSteps ? ['questions', 'answer'] : ['write'];
  return ['write-system', ...asked, `task-${task}`];
}
