import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJson } from './read-json.ts';

const value = { facts: [{ answer: 'It says "no" [1], {really}' }] };
const json = JSON.stringify(value);

describe('the JSON of an answer', () => {
  test.each([
    ['alone', json],
    ['in a fence', `\`\`\`json\n${json}\n\`\`\``],
    ['in a fence after a sentence', `Here it is:\n\`\`\`\n${json}\n\`\`\`\nAnything else?`],
    ['between sentences', `Sure! ${json} I hope that helps.`],
    ['with a comma too many', json.replace(']}', ',],}')],
    ['with keys that are not quoted', json.replace('"facts"', 'facts')],
    ['without its last brackets but one', `${json.slice(0, -2)}}`],
    ['with a line break within a string', json.replace('It says', 'It\nsays').replace('\n', ' ')],
  ])('is found %s', (_, content) => {
    expect(readJson(content)).toEqual(value);
  });

  test('keeps a fence that is part of a string', () => {
    const code = { answer: '```json\n{"a": 1}\n```' };
    expect(readJson(JSON.stringify(code))).toEqual(code);
  });

  test.each([
    'Certainly! Here are some questions.',
    'See [the docs] for {details} of it.',
    '"only a string"',
    '42',
    'null',
    '',
    '{',
  ])('is not made of %j', (content) => {
    expect(readJson(content)).toBeUndefined();
  });

  test('whatever an object holds, it is read as it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom('', '\n', ' '), (object, around) => {
        const text = JSON.stringify(object);
        expect(JSON.stringify(readJson(`${around}${text}${around}`))).toBe(text);
      }),
    );
  });
});
