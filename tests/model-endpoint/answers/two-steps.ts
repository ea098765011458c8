import { makeFacts } from './facts.ts';
import type { Answerer } from './answerer.ts';
import { asksFor, readRequest } from './request.ts';
import { said, sentencesOf, share } from './sentences.ts';

/** The first of two steps. */
export const questions: Answerer = {
  isFor: asksFor('questions'),
  answer: (chat) => ({
    questions: makeFacts(readRequest(chat)).map(({ task, questions: wordings, evidence, absent = '' }) => ({
      task,
      wordings,
      evidence,
      absent,
    })),
  }),
};

/** An answer to one question: the sentence that has most of its words; also the round trip, which asks for less. */
export const answer: Answerer = {
  isFor: asksFor('answerable'),
  answer: (chat) => {
    const request = readRequest(chat);
    const { question, project, language, documents } = request;
    const absent = /`(quux\w+)`/.exec(question)?.[1];
    const best = bestSentence(
      question,
      documents.map(({ text }) => text),
    );
    if (best === undefined) return { answerable: false, answer: '', evidence: [], reasoning: '' };
    const found = { answerable: true, evidence: [best], reasoning: '' };
    if (absent !== undefined)
      return {
        ...found,
        answer:
          language === 'zh'
            ? `${project} 的文档没有提到 \`${absent}\`。`
            : `The documentation of ${project} does not mention \`${absent}\`.`,
      };
    const isWrong = /never care|从来都不/.test(question);
    return { ...found, answer: isWrong ? `That is not right. ${said(best)}` : said(best) };
  },
};

function bestSentence(question: string, texts: readonly string[]): string | undefined {
  const rated = texts
    .flatMap(sentencesOf)
    .map((sentence) => ({ sentence, rate: share(sentence.slice(0, 60), question) }));
  return rated.sort((a, b) => b.rate - a.rate)[0]?.sentence;
}

/** Several turns that follow the sentences of the document. */
export const conversations: Answerer = {
  isFor: asksFor('conversations'),
  answer: (chat) => {
    const { documents, project, language } = readRequest(chat);
    const sentences = sentencesOf(documents[0]?.text ?? '').slice(0, 3);
    const ask = (index: number): string => {
      if (language === 'zh') return index === 0 ? `${project} 是怎么说明这一点的？` : '还有什么需要知道的吗？';
      return index === 0 ? `What should I know first about ${project} here?` : 'And what else should I know about it?';
    };
    const turns = sentences.map((sentence, index) => ({
      question: ask(index),
      answer: said(sentence),
      evidence: [sentence],
    }));
    return { conversations: turns.length < 2 ? [] : [{ turns }] };
  },
};
