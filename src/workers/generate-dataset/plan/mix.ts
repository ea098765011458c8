import type { GenerateInput } from '../../../contract/inputs.ts';
import type { WritableTask } from '../prompts/catalog.ts';

export interface Weighted {
  type: WritableTask;
  weight: number;
}

/** What is asked if nobody says otherwise: broad, and about 7 % of it without a straight answer. */
const defaultMix: readonly Weighted[] = [
  { type: 'factual', weight: 20 },
  { type: 'howTo', weight: 14 },
  { type: 'explain', weight: 10 },
  { type: 'codeGeneration', weight: 12 },
  { type: 'codeExplain', weight: 6 },
  { type: 'debug', weight: 5 },
  { type: 'config', weight: 8 },
  { type: 'comparison', weight: 4 },
  { type: 'summary', weight: 3 },
  { type: 'multiHop', weight: 4 },
  { type: 'crossDocument', weight: 2 },
  { type: 'multiTurn', weight: 3 },
  { type: 'longContext', weight: 1 },
  { type: 'reasoning', weight: 3 },
  { type: 'instruction', weight: 3 },
  { type: 'falsePremise', weight: 4 },
  { type: 'unanswerable', weight: 3 },
];

export function mixOf({ tasks }: Pick<GenerateInput, 'tasks'>): readonly Weighted[] {
  const given = tasks.filter((task): task is Weighted => task.type !== 'other');
  return given.length === 0 ? defaultMix : given;
}

/** How a fact is asked for: tasks of one kind share a request about the same chunks. */
export type Group = 'plain' | 'reasoned' | 'refusing' | 'conversation' | 'joined' | 'across' | 'long';

const groups: Partial<Record<WritableTask, Group>> = {
  reasoning: 'reasoned',
  falsePremise: 'refusing',
  unanswerable: 'refusing',
  multiTurn: 'conversation',
  multiHop: 'joined',
  crossDocument: 'across',
  longContext: 'long',
};
export const groupOf = (task: WritableTask): Group => groups[task] ?? 'plain';

/** one of these says all that a chunk is good for */
export const isOnce = (task: WritableTask): boolean =>
  !['factual', 'howTo', 'explain', 'codeGeneration', 'codeExplain', 'debug', 'config'].includes(task);
