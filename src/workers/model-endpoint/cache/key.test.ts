import { expect, test } from 'vitest';
import { answerKey } from './key.ts';

test('[T22] everything that an answer depends on is in its key', () => {
  const question = {
    messages: [{ role: 'user' as const, content: 'a' }],
    temperature: 0,
    form: { name: 'f', json: { a: 1 } },
  };
  const endpoint = { baseURL: 'http://a', model: 'm' };
  const keys = [
    answerKey(endpoint, question, 100),
    answerKey({ ...endpoint, baseURL: 'http://b' }, question, 100),
    answerKey({ ...endpoint, model: 'n' }, question, 100),
    answerKey(endpoint, { ...question, temperature: 1 }, 100),
    answerKey(endpoint, { ...question, seedIndex: 1 }, 100),
    answerKey(endpoint, { ...question, form: { name: 'f', json: { a: 2 } } }, 100),
    answerKey(endpoint, { messages: [{ role: 'system', content: 'a' }], temperature: 0, form: question.form }, 100),
    answerKey(endpoint, question, 200),
  ];
  expect(new Set(keys).size).toBe(keys.length);
  expect(answerKey(endpoint, { ...question, seedIndex: 0, maxTokens: 100 }, 100)).toBe(keys[0]);
});
