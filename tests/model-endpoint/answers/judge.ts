import type { Answerer } from './answerer.ts';
import { asksFor, readRequest, tagged } from './request.ts';
import { share } from './sentences.ts';

/** A claim whose words are not the document's is not supported: a strict judge without a mind. */
export const verdict: Answerer = {
  isFor: asksFor('claims'),
  answer: (chat) => {
    const { documents, task, question } = readRequest(chat);
    const answer = tagged(task, 'answer');
    const text = documents.map((document) => document.text).join('\n');
    const isRefusal = /does not mention|没有提到/.test(answer);
    const claims = answer
      .replace(/```[^]*?```/g, '')
      .replace(/^That is not right\./, '')
      .split(/(?<=[.!?。])\s+/)
      .filter((claim) => claim.trim() !== '' && !/[:：]$/.test(claim.trim()))
      .map((claim) => ({ text: claim, supported: isRefusal || share(claim, text) >= 0.5 }));
    const faithful = claims.every(({ supported }) => supported);
    return {
      claims,
      faithful,
      relevance: faithful ? 2 : 1,
      selfContained: /this document/i.test(question) ? 0 : 1,
      codeCorrect: answer.includes('```') ? true : null,
      difficulty: 1,
      reason: faithful ? 'the document says so' : 'the document does not say so',
    };
  },
};

/** What breaks off is not sound, and an answer that shares no word with its question misses it. */
export const verdictAlone: Answerer = {
  isFor: asksFor('sound'),
  answer: (chat) => {
    const { task, question } = readRequest(chat);
    const answer = tagged(task, 'answer');
    return {
      sound: !/\.\.\.$/.test(answer),
      relevance: share(question, answer) > 0 ? 2 : 0,
      selfContained: 1,
      codeCorrect: null,
      difficulty: 1,
      reason: 'it says so itself',
    };
  },
};

export const comparison: Answerer = {
  isFor: asksFor('same'),
  answer: ({ messages }) => {
    const prompt = messages.at(-1)?.content ?? '';
    const [first, second] = [tagged(prompt, 'first'), tagged(prompt, 'second')];
    const same = share(second, first) >= 0.3 || share(first, second) >= 0.3;
    return { same, reason: same ? 'they share their words' : 'they share no words' };
  },
};

/** A base model without the document: it knows the world, and no project. */
export const closedBook: Answerer = {
  isFor: ({ messages, response_format }) =>
    response_format === undefined && messages.every(({ content }) => !/json/i.test(content)),
  answer: () => 'I think it is an option that a server has.',
};
