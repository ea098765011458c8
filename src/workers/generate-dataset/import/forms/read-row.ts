import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { GenerateInput } from '../../../../contract/inputs.ts';
import { maxReferences, tasks } from '../../../../contract/rows.ts';
import { normaliseQuestion } from '../../rows/questions.ts';
import { faulty, withinHistory, type Conversation, type Fault, type Reading } from '../conversation.ts';
import { formOf, readForm, unknownForm } from './forms.ts';

type Import = NonNullable<GenerateInput['importFrom']>;

/** what a row tells about itself; of no use if it is of another kind, so it never fails a row */
const aboutForm = z.object({
  task: z.enum(tasks).optional().catch(undefined),
  group: z.string().min(1).max(256).optional().catch(undefined),
  reasoning: z.string().min(1).optional().catch(undefined),
});

/** A value of a file as a conversation, or why it is none. */
export function readRow(value: unknown, { format, historyTurns }: Pick<Import, 'format' | 'historyTurns'>): Reading {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return faulty('BAD_SHAPE', 'a row must be an object');
  }
  const form = format === 'Auto' ? formOf(value) : format;
  if (form === undefined) return unknownForm(value);
  const reading = readForm(form, value);
  if ('fault' in reading) return reading;
  const references = referencesOf(value);
  if ('fault' in references) return references;
  const { task, group, reasoning } = aboutForm.parse(value);
  return {
    conversation: {
      ...withinHistory(reading.conversation, historyTurns),
      ...(task === undefined ? {} : { task }),
      group: group ?? openingOf(reading.conversation),
      ...(reasoning === undefined ? {} : { reasoning }),
      ...references,
    },
  };
}

const referencesForm = z.object({ references: z.array(z.string()).max(maxReferences).nullish() });

/** Further right answers. They decide what an evaluation says, so a wrong form is told instead of being passed over. */
function referencesOf(value: object): { references?: string[] } | { fault: Fault } {
  const { success, data } = referencesForm.safeParse(value);
  if (!success)
    return faulty(
      'BAD_SHAPE',
      `"references" must be a list of at most ${maxReferences} strings: further right answers`,
    );
  const references = data.references ?? [];
  if (references.some((text) => text.trim() === '')) return faulty('EMPTY_TEXT', 'one of "references" is empty');
  if (!references.every((text) => text.isWellFormed()))
    return faulty('BAD_ENCODING', 'one of "references" has half of a surrogate pair');
  return references.length === 0 ? {} : { references };
}

/**
 * Rows that open with the same question are parts of one conversation, often cut at another turn: on two sides of the
 * split they would tell the answers of one another.
 */
function openingOf({ turns }: Conversation): string {
  const opening = normaliseQuestion(turns[0]?.question ?? '');
  return `opening ${createHash('sha256').update(opening).digest('hex').slice(0, 16)}`;
}
