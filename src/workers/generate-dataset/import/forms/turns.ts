import { faulty, type Reading, type Turn } from '../conversation.ts';

export interface Said {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

const toolRoles = new Set(['tool', 'function', 'function_call', 'observation', 'ipython']);
const roles = new Map<string, Said['role']>([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['human', 'user'],
  ['assistant', 'assistant'],
  ['gpt', 'assistant'],
]);

/** Roles of the known formats to ours; the order is checked: an optional system prompt, then question and answer in turns. */
export function readTurns(messages: readonly { role: string; content: string }[]): Reading {
  const said: Said[] = [];
  for (const [index, { role, content }] of messages.entries()) {
    const known = roles.get(role);
    const nth = `message ${index + 1}`;
    if (toolRoles.has(role)) return faulty('TOOL_ROLE', `${nth} has role "${role}": calls of tools are not supported`);
    if (known === undefined) return faulty('UNKNOWN_ROLE', `${nth} has role "${role}": use system, user and assistant`);
    if (content.trim() === '') return faulty('EMPTY_TEXT', `${nth} is empty`);
    if (!content.isWellFormed()) return faulty('BAD_ENCODING', `${nth} has half of a surrogate pair`);
    said.push({ role: known, content });
  }
  const system = said[0]?.role === 'system' ? said.shift()?.content : undefined;
  const turns = pairs(said);
  if (turns === undefined)
    return faulty('BAD_ORDER', `roles must alternate from user to assistant: ${shown(messages)}`);
  return { conversation: { ...(system === undefined ? {} : { system }), turns } };
}

function pairs(said: readonly Said[]): Turn[] | undefined {
  const isOrdered = said.every(({ role }, index) => role === (index % 2 === 0 ? 'user' : 'assistant'));
  if (!isOrdered || said.length === 0 || said.length % 2 === 1) return undefined;
  return Array.from({ length: said.length / 2 }, (_, turn) => ({
    question: said[2 * turn]?.content ?? '',
    answer: said[2 * turn + 1]?.content ?? '',
  }));
}

const shown = (messages: readonly { role: string }[]): string =>
  messages.length === 0
    ? 'there is no message'
    : messages
        .slice(0, 12)
        .map(({ role }) => role)
        .join(', ');
