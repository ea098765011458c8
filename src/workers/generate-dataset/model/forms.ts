import { z } from 'zod';
import { formOf, type Form } from '../../model-endpoint/form.ts';
import { writableTasks } from '../prompts/catalog.ts';
import type { Group } from '../plan/mix.ts';

/** Models leave out what is empty, but a strict endpoint takes no schema with default values. */
function lenientForm<T>(name: string, schema: z.ZodType<T>): Form<T> {
  const form = formOf(name, schema);
  const json = JSON.stringify(form.json, (key, value: unknown) => (key === 'default' ? undefined : value));
  return { ...form, json: JSON.parse(json) as Record<string, unknown> };
}

const task = z.enum(writableTasks);
const texts = z.array(z.string());
const written = { task, questions: texts, answer: z.string(), evidence: texts };

export interface WrittenFact {
  task: z.infer<typeof task>;
  questions: string[];
  answer: string;
  evidence: string[];
  reasoning?: string | undefined;
  absent?: string | undefined;
}

type Facts = Form<{ facts: WrittenFact[] }>;
const facts: Facts = formOf('facts', z.strictObject({ facts: z.array(z.strictObject(written)) }));
const reasoned: Facts = lenientForm(
  'reasoned_facts',
  z.strictObject({ facts: z.array(z.strictObject({ ...written, reasoning: z.string().default('') })) }),
);
const refusing: Facts = lenientForm(
  'refusing_facts',
  z.strictObject({ facts: z.array(z.strictObject({ ...written, absent: z.string().default('') })) }),
);

export const factsForm = (group: Group): Facts =>
  group === 'reasoned' ? reasoned : group === 'refusing' ? refusing : facts;

export const questionsForm = lenientForm(
  'questions',
  z.strictObject({
    questions: z.array(z.strictObject({ task, wordings: texts, evidence: texts, absent: z.string().default('') })),
  }),
);

export const answerForm = lenientForm(
  'answer',
  z.strictObject({
    answerable: z.boolean(),
    answer: z.string().default(''),
    evidence: texts.default([]),
    reasoning: z.string().default(''),
  }),
);

const turn = z.strictObject({ question: z.string(), answer: z.string(), evidence: texts });
export const conversationForm = formOf(
  'conversations',
  z.strictObject({ conversations: z.array(z.strictObject({ turns: z.array(turn) })) }),
);
