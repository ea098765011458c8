import { z } from 'zod';
import { faulty, type Fault, type Reading } from '../conversation.ts';
import { readTurns } from './turns.ts';

/** Members that are not named are ignored: rows of others carry ids, scores and languages of their own. */
const text = z.string({ error: 'must be a string' });
const optionalText = z
  .string({ error: 'must be a string' })
  .nullish()
  .transform((value) => (value == null || value === '' ? undefined : value));

const message = z.object({
  role: text,
  content: text,
  tool_calls: z
    .unknown()
    .refine((calls) => calls == null || (Array.isArray(calls) && calls.length === 0), {
      error: 'is not supported: rows are questions and answers',
    })
    .optional(),
});
const messagesForm = z.object({ messages: z.array(message, { error: 'must be a list' }) });

const alpacaForm = z.object({
  instruction: text,
  input: optionalText,
  output: text,
  system: optionalText,
  history: z.array(z.tuple([text, text]), { error: 'must be a list of pairs' }).nullish(),
});

const sharegptForm = z.object({
  conversations: z.array(z.object({ from: text, value: text }), { error: 'must be a list' }),
  system: optionalText,
});

const side = z.union([z.string(), z.array(message)], { error: 'must be a string or a list of messages' });
const promptCompletionForm = z.object({ prompt: side, completion: side });

function parsed<T>(schema: z.ZodType<T>, value: unknown, read: (row: T) => Reading): Reading {
  const result = schema.safeParse(value);
  return result.success ? read(result.data) : { fault: shapeFault(result.error) };
}

function shapeFault(error: z.ZodError): Fault {
  const [issue] = error.issues;
  const path = issue?.path.join('.') ?? '';
  return { reason: 'BAD_SHAPE', detail: `"${path === '' ? 'row' : path}" ${issue?.message ?? 'is wrong'}` };
}

const spoken = (role: string, content: string | undefined): { role: string; content: string }[] =>
  content === undefined ? [] : [{ role, content }];

const readers = {
  messages: (value: unknown) => parsed(messagesForm, value, ({ messages }) => readTurns(messages)),
  alpaca: (value: unknown) =>
    parsed(alpacaForm, value, ({ instruction, input, output, system, history }) =>
      readTurns([
        ...spoken('system', system),
        ...(history ?? []).flatMap(([question, answer]) => [
          ...spoken('user', question),
          ...spoken('assistant', answer),
        ]),
        ...spoken('user', input === undefined ? instruction : `${instruction}\n${input}`),
        ...spoken('assistant', output),
      ]),
    ),
  sharegpt: (value: unknown) =>
    parsed(sharegptForm, value, ({ conversations, system }) =>
      readTurns([
        ...spoken('system', system),
        ...conversations.map((said) => ({ role: said.from, content: said.value })),
      ]),
    ),
  promptCompletion: (value: unknown) =>
    parsed(promptCompletionForm, value, ({ prompt, completion }) =>
      readTurns([
        ...(typeof prompt === 'string' ? spoken('user', prompt) : prompt),
        ...(typeof completion === 'string' ? spoken('assistant', completion) : completion),
      ]),
    ),
};
export type Form = keyof typeof readers;

export const readForm = (form: Form, value: unknown): Reading => readers[form](value);

const telling: readonly [Form, readonly string[]][] = [
  ['messages', ['messages']],
  ['sharegpt', ['conversations']],
  ['alpaca', ['instruction']],
  ['promptCompletion', ['prompt', 'completion']],
];

/** The form of a row by its members; undefined for none of the known ones. */
export function formOf(value: object): Form | undefined {
  return telling.find(([, members]) => members.every((member) => Object.hasOwn(value, member)))?.[0];
}

export const unknownForm = (value: object): Reading => {
  const members = Object.keys(value).slice(0, 12).join('", "');
  return faulty(
    'UNKNOWN_FORM',
    `has the members "${members}": use messages, conversations, instruction and output, or prompt and completion`,
  );
};
