import type { Row } from '../../../../contract/rows.ts';

type Messages = Row['messages'];

/** What a row does not say itself. */
export interface RowExtra {
  /** an answer to the same question that was turned down */
  worse?: string;
}

/** One form of a row, and how another program is told to read it. */
export interface RowForm {
  /** below `formats/` */
  folder: string;
  /** the row in this form, its members always in the same order; undefined where it has no such form */
  rowOf(row: Row, extra: RowExtra): object | undefined;
  /** entry of LLaMA-Factory's dataset_info.json for a file of this form */
  info?: object;
}

const systemOf = (messages: Messages): string => (messages[0]?.role === 'system' ? messages[0].content : '');
const spoken = (messages: Messages): Messages => messages.filter(({ role }) => role !== 'system');
const questionOf = (messages: Messages): string => messages.at(-2)?.content ?? '';
const answerOf = (messages: Messages): string => messages.at(-1)?.content ?? '';

function historyOf(messages: Messages): [string, string][] {
  const before = spoken(messages).slice(0, -2);
  return Array.from({ length: before.length / 2 }, (_, turn) => [
    before[2 * turn]?.content ?? '',
    before[2 * turn + 1]?.content ?? '',
  ]);
}

const answer = (content: string) => [{ role: 'assistant', content }];

/** Columns that LLaMA-Factory is told of must be in every row, so that empty ones are written too. */
export const alpaca: RowForm = {
  folder: 'alpaca',
  rowOf: ({ messages }) => ({
    instruction: questionOf(messages),
    input: '',
    output: answerOf(messages),
    system: systemOf(messages),
    history: historyOf(messages),
  }),
  info: {
    formatting: 'alpaca',
    columns: { prompt: 'instruction', query: 'input', response: 'output', system: 'system', history: 'history' },
  },
};

export const sharegpt: RowForm = {
  folder: 'sharegpt',
  rowOf: ({ messages }) => ({
    conversations: spoken(messages).map(({ role, content }) => ({
      from: role === 'user' ? 'human' : 'gpt',
      value: content,
    })),
    system: systemOf(messages),
  }),
  info: { formatting: 'sharegpt', columns: { messages: 'conversations', system: 'system' } },
};

/** Messages on both sides, so that a trainer applies the chat template of its model. */
export const promptCompletion: RowForm = {
  folder: 'promptCompletion',
  rowOf: ({ messages }) => ({ prompt: messages.slice(0, -1), completion: answer(answerOf(messages)) }),
};

const plainNames = { system: 'System', user: 'User', assistant: 'Assistant' };
const plainText = (messages: Messages): string =>
  messages.map(({ role, content }) => `${plainNames[role]}: ${content}`).join('\n\n');

/**
 * One text a row, by the chat template of the tokenizer where there is one. A row that the template refuses, such as for
 * its system prompt, has no such form.
 */
export const text = (renderChat: (messages: Messages) => string = plainText): RowForm => ({
  folder: 'text',
  rowOf: ({ messages }) => {
    try {
      return { text: renderChat(messages) };
    } catch {
      return undefined;
    }
  },
});

/** The preference form of TRL: a prompt, the answer that was taken and the one that was turned down. */
export const preferences: RowForm = {
  folder: 'preferences',
  rowOf: ({ messages }, { worse }) =>
    worse === undefined
      ? undefined
      : { prompt: messages.slice(0, -1), chosen: answer(answerOf(messages)), rejected: answer(worse) },
};

export const rankings: RowForm = {
  folder: 'preferences/llama-factory',
  rowOf: ({ messages }, { worse }) =>
    worse === undefined
      ? undefined
      : {
          instruction: questionOf(messages),
          input: '',
          chosen: answerOf(messages),
          rejected: worse,
          system: systemOf(messages),
          history: historyOf(messages),
        },
  info: {
    formatting: 'alpaca',
    ranking: true,
    columns: {
      prompt: 'instruction',
      query: 'input',
      chosen: 'chosen',
      rejected: 'rejected',
      system: 'system',
      history: 'history',
    },
  },
};
