import type { Answerer } from './answerer.ts';
import { asksFor, readRequest, type Request } from './request.ts';
import { blocksOf, said, sentencesOf } from './sentences.ts';

export interface MadeFact {
  task: string;
  questions: string[];
  answer: string;
  evidence: string[];
  reasoning?: string;
  absent?: string;
}

/** Sentences of the documents become answers that quote themselves, so that their evidence is true. */
export const facts: Answerer = {
  isFor: asksFor('facts'),
  answer: (chat) => ({ facts: makeFacts(readRequest(chat)) }),
};

export function makeFacts(request: Request): MadeFact[] {
  const lists = request.documents.map(({ text }) => sentencesOf(text));
  const all = lists.flat();
  const tasks = request.wanted.flatMap(({ task, count }) => Array.from({ length: count }, () => task));
  if (all.length === 0) return tasks.slice(0, 1).flatMap((task) => fromCode(task, request));
  return tasks.flatMap((task, index) => {
    const own = lists.flatMap((sentences) => sentences.slice(index, index + 1));
    const first = own[0];
    if (first === undefined) return [];
    // what lies apart: of each document, or of the beginning and the end of one
    const apart = own.length > 1 ? own : [first, ...all.slice(Math.max(index + 1, all.length - 2))];
    return [makeFact(task, apart, first, request)];
  });
}

/** Of a part that has code alone: the code is the answer. */
function fromCode(task: string, request: Request): MadeFact[] {
  const { text = '', place = '' } = request.documents[0] ?? {};
  const [block] = blocksOf(text);
  if (block === undefined || task === 'falsePremise' || task === 'unanswerable' || task === 'reasoning') return [];
  const topic = place.split(' ').slice(1).join(' ').trim();
  const answer =
    request.language === 'zh'
      ? `代码是这样写的：\n\n\`\`\`${block.language}\n${block.code}\n\`\`\``
      : `It is written like this:\n\n\`\`\`${block.language}\n${block.code}\n\`\`\``;
  return [{ task, questions: wordings(`${topic} in code`, request), answer, evidence: [block.code] }];
}

function makeFact(task: string, sentences: readonly string[], first: string, request: Request): MadeFact {
  const block = blocksOf(request.documents[0]?.text ?? '')[0];
  const answer =
    request.language === 'zh' && !isChinese(first) ? '项目的说明里写得很清楚，请照着它来使用。' : said(first);
  const fact: MadeFact = { task, questions: wordings(first, request), answer, evidence: [first] };
  switch (task) {
    case 'codeGeneration':
      return block === undefined
        ? fact
        : {
            ...fact,
            answer: `${answer}\n\n\`\`\`${block.language}\n${block.code}\n\`\`\``,
            evidence: [first, block.code],
          };
    case 'summary':
      return {
        ...fact,
        answer: sentences.map((sentence) => `- ${said(sentence)}`).join('\n'),
        evidence: [...sentences],
      };
    case 'multiHop':
    case 'crossDocument':
    case 'longContext':
      return { ...fact, answer: sentences.map(said).join(' '), evidence: [...sentences] };
    case 'reasoning':
      return { ...fact, reasoning: `The documents say: ${answer}` };
    case 'falsePremise':
      return { ...fact, ...wrongPremise(first, request, answer) };
    case 'unanswerable':
      return { ...fact, ...unanswerable(first, request) };
    default:
      return fact;
  }
}

const isChinese = (text: string): boolean => /[\u4e00-\u9fff]/.test(text);
const topicOf = (sentence: string): string =>
  isChinese(sentence) ? sentence.slice(0, 14) : said(sentence).replaceAll('`', '').split(' ').slice(0, 8).join(' ');

function wordings(sentence: string, { project, language, wordings: count, documents }: Request): string[] {
  const place = documents[0]?.place ?? '';
  const starts =
    language === 'zh'
      ? [
          '请问下面这句话讲的是什么：',
          '请解释一下',
          '想了解更多关于这一点的内容：',
          '请描述',
          '关于这一点都知道些什么：',
        ]
      : ['What does the project say about', 'Explain', 'Tell me more about', 'Describe', 'What is known about'];
  return Array.from({ length: count }, (_, index) => {
    const start = starts[index % starts.length] ?? 'Explain';
    const again = index >= starts.length ? ` ${index}` : '';
    return language === 'zh'
      ? `${project}（${place}）：${start}“${topicOf(sentence)}”${again}？`
      : `${start} "${topicOf(sentence)}" in ${project} (${place})${again}?`;
  });
}

function wrongPremise(sentence: string, { project, language }: Request, answer: string) {
  return language === 'zh'
    ? { questions: [`为什么 ${project} 从来都不理会“${topicOf(sentence)}”？`], answer: `这个说法不对。${answer}` }
    : {
        questions: [`Why does ${project} never care about "${topicOf(sentence)}"?`],
        answer: `That is not right. ${answer}`,
      };
}

function unanswerable(sentence: string, { project, language }: Request) {
  const absent = `quux${topicOf(sentence)
    .replaceAll(/[^A-Za-z]/g, '')
    .slice(0, 12)}Level`;
  return language === 'zh'
    ? {
        absent,
        questions: [`${project} 的 \`${absent}\` 选项默认是什么？`],
        answer: `${project} 的文档没有提到 \`${absent}\`。`,
      }
    : {
        absent,
        questions: [`What is the default of the \`${absent}\` option of ${project}?`],
        answer: `The documentation of ${project} does not mention \`${absent}\`.`,
      };
}
