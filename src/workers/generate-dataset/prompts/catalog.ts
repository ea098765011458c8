import { tasks, type Task } from '../../../contract/rows.ts';
import { answer } from './templates/answer.ts';
import { compare } from './templates/compare.ts';
import { conversation } from './templates/conversation.ts';
import { judgeAloneSystem } from './templates/judge-alone-system.ts';
import { judgeAlone } from './templates/judge-alone.ts';
import { judgeSystem } from './templates/judge-system.ts';
import { judge } from './templates/judge.ts';
import { questions } from './templates/questions.ts';
import { roundTrip } from './templates/round-trip.ts';
import { secondTry } from './templates/second-try.ts';
import { taskPrompts } from './templates/tasks.ts';
import { writeSystem } from './templates/write-system.ts';
import { write } from './templates/write.ts';

export type WritableTask = Exclude<Task, 'other'>;
export const writableTasks = tasks.filter((task): task is WritableTask => task !== 'other');

const main = {
  'write-system': writeSystem,
  write,
  questions,
  answer,
  'second-try': secondTry,
  conversation,
  'judge-system': judgeSystem,
  judge,
  'judge-alone-system': judgeAloneSystem,
  'judge-alone': judgeAlone,
  'round-trip': roundTrip,
  compare,
} as const;
export type TemplateName = keyof typeof main | `task-${WritableTask}`;

/** The built-in templates by the names under which a ConfigMap may replace them. */
export const builtInTemplates = new Map<string, string>([
  ...Object.entries(main),
  ...writableTasks.map((task) => [`task-${task}`, taskPrompts[task]] as const),
]);

const place = /\{\{([A-Za-z]+)\}\}/g;

/** Names of the values that a template has places for. */
export const placesOf = (template: string): string[] =>
  [...new Set([...template.matchAll(place)].map(([, name = '']) => name))].sort();

/** Values are put in once: what looks like a place within a value stays as it is. */
export const fillTemplate = (template: string, values: Readonly<Record<string, string>>): string =>
  template.replaceAll(place, (whole, name: string) => values[name] ?? whole);
