import type { Chat } from '../chat.ts';

/** What a request of generate-dataset asks for, read from its words alone, as a model does. */
export interface Request {
  project: string;
  language: 'zh' | 'en';
  documents: { place: string; text: string }[];
  /** what stands after the documents */
  task: string;
  /** tasks with how many facts of each are wanted */
  wanted: { task: string; count: number }[];
  wordings: number;
  question: string;
}

export function readRequest({ messages }: Chat): Request {
  const prompt = messages.findLast(({ role, content }) => role === 'user' && isRequest(content))?.content ?? '';
  const documents = [...prompt.matchAll(/<document-([0-9a-f]+) place="([^"]*)">\n([^]*?)\n<\/document-\1>/g)];
  const last = documents.at(-1);
  const task = last === undefined ? prompt : prompt.slice(last.index + last[0].length);
  const number = (pattern: RegExp, other: number): number => Number(pattern.exec(task)?.[1] ?? other);
  const wanted = [...task.matchAll(/^- (\d+) of "(\w+)"/gm)].map(([, count, name = '']) => ({
    task: name,
    count: Number(count),
  }));
  return {
    project: /^\s*Project: (.*?)\. /m.exec(task)?.[1] ?? /about (.*?)\. They/.exec(task)?.[1] ?? 'the project',
    language: /in Chinese/.test(task) ? 'zh' : 'en',
    documents: documents.map(([, , place = '', text = '']) => ({ place, text })),
    task,
    wanted: wanted.length > 0 ? wanted : [{ task: 'factual', count: number(/at most (\d+) facts/, 1) }],
    wordings: number(/with (\d+) differently/, 1),
    question: /^Question: (.*)$/m.exec(task)?.[1] ?? tagged(task, 'question'),
  };
}

const isRequest = (content: string): boolean => content.includes('<document-') || content.includes('in this form:');

export const tagged = (text: string, tag: string): string =>
  new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(text)?.[1] ?? '';

/** Whether the last form that a prompt shows begins like this. */
export function asksFor(key: string): (chat: Chat) => boolean {
  return ({ messages }) =>
    messages.some(
      ({ role, content }) => role === 'user' && content.split('in this form:').at(-1)?.trim().startsWith(`{"${key}"`),
    );
}
