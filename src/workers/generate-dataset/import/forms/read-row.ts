import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { GenerateInput } from '../../../../contract/inputs.ts';
import { tasks } from '../../../../contract/rows.ts';
import { normaliseQuestion } from '../../rows/questions.ts';
import { faulty, withinHistory, type Conversation, type Reading } from '../conversation.ts';
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
  const { task, group, reasoning } = aboutForm.parse(value);
  return {
    conversation: {
      ...withinHistory(reading.conversation, historyTurns),
      ...(task === undefined ? {} : { task }),
      group: group ?? openingOf(reading.conversation),
      ...(reasoning === undefined ? {} : { reasoning }),
    },
  };
}

/**
 * Rows that open with the same question are parts of one conversation, often cut at another turn: on two sides of the
 * split they would tell the answers of one another.
 */
function openingOf({ turns }: Conversation): string {
  const opening = normaliseQuestion(turns[0]?.question ?? '');
  return `opening ${createHash('sha256').update(opening).digest('hex').slice(0, 16)}`;
}
