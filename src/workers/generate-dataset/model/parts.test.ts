import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ChunkHead } from '../corpus.ts';
import { comparisonForm, foundForm, verdictForm } from '../judge/forms.ts';
import { answerTokens, fitsContext, shownTokens } from './context.ts';
import { estimateWhole } from './estimate.ts';
import { answerForm, conversationForm, factsForm, questionsForm } from './forms.ts';
import { knownShare } from './gap.ts';
import { halve } from './halve.ts';

const chunk = (text: string): ChunkHead => ({
  index: 0,
  id: 'a',
  document: 0,
  start: 100,
  end: 100 + text.length,
  tokens: 1,
  kind: 'prose',
  language: 'en',
  heading: [],
});

const line = fc.constantFrom('A line of some length that says something.', '', '```js', 'call(it);', '```');

test('a chunk is cut in two at a line end outside of fenced code, and nothing is lost', () => {
  fc.assert(
    fc.property(fc.array(line, { minLength: 30, maxLength: 120 }), (lines) => {
      const text = lines.join('\n');
      const whole = chunk(text);
      const halves = halve([{ chunk: whole, start: whole.start, end: whole.end }], () => text);
      if (halves === undefined) return;
      const [[first], [second]] = halves;
      expect([first?.start, second?.end]).toEqual([whole.start, whole.end]);
      expect(first?.end).toBe(second?.start);
      const before = text.slice(0, (first?.end ?? 0) - whole.start);
      expect(before.endsWith('\n')).toBe(true);
      expect((before.match(/^```/gm) ?? []).length % 2).toBe(0);
    }),
  );
});

test('several pieces are cut between two of them, and a small one not at all', () => {
  const piece = (start: number) => ({ chunk: chunk('a'), start, end: start + 1 });
  expect(halve([piece(0), piece(1), piece(2)], () => '')).toEqual([[piece(0), piece(1)], [piece(2)]]);
  expect(halve([piece(0)], () => 'a')).toBeUndefined();
});

test('prompt and answer share the context', () => {
  const limits = { maxTokens: 4096, maxContextTokens: 2048 };
  expect(answerTokens(limits)).toBe(1024);
  expect(answerTokens({ maxTokens: 512, maxContextTokens: 2048 })).toBe(512);
  expect(answerTokens({ maxTokens: 4096, maxContextTokens: null })).toBe(4096);
  const message = (characters: number) => [{ role: 'user' as const, content: 'a'.repeat(characters) }];
  expect(fitsContext(message(3200), limits)).toBe(true);
  expect(fitsContext(message(3600), limits)).toBe(false);
  expect(shownTokens(limits)).toBe(0);
  expect(shownTokens({ maxTokens: 4096, maxContextTokens: null })).toBeGreaterThan(16_000);
});

test.each([
  ['What is the default port of Acme?', 'The default port is 3000.', 'I do not know the default port.', 0],
  ['What is the default port of Acme?', 'The default port is 3000.', 'It is 3000.', 1],
  ['Acme 默认使用哪个端口？', '默认使用 3000 端口。', '端口是 3000。', 1],
])('what %j gives away does not count as known', (question, answer, told, expected) => {
  expect(knownShare(question, answer, told)).toBe(expected);
});

test('an answer without a word of its own tells nothing of what is known', () => {
  expect(knownShare('Is Acme fast?', 'Acme is.', 'Yes')).toBeUndefined();
});

test('[T25] the whole is estimated by what the sample took', () => {
  const planned = { units: 2, rows: 10, promptTokens: 1000 };
  const whole = { units: 20, rows: 200, promptTokens: 9000 };
  const met = { requests: 4, tokens: { input: 1500, output: 300 }, cost: 0.9 };
  // input grows with the prompts (x 9), output with the rows (x 20)
  expect(estimateWhole({ met, planned, whole })).toEqual({
    requests: 40,
    tokens: 19_500,
    cost: 0.9 * (19_500 / 1800),
  });
  expect(estimateWhole({ met: { ...met, cost: null }, planned, whole }).cost).toBeNull();
  expect(estimateWhole({ met, planned, whole: planned })).toEqual({ requests: 4, tokens: 1800, cost: 0.9 });
});

const forms = [
  ...(['plain', 'reasoned', 'refusing'] as const).map(factsForm),
  ...[questionsForm, answerForm, conversationForm, verdictForm, foundForm, comparisonForm],
];

test.each(forms.map(({ name, json }) => [name, json] as const))(
  '%s is a form that strict endpoints take',
  (_, json) => {
    const objects: Record<string, unknown>[] = [];
    JSON.parse(JSON.stringify(json), (_key, value: unknown) => {
      const found = value as Record<string, unknown> | null;
      if (typeof found === 'object' && found?.['type'] === 'object') objects.push(found);
      return value;
    });
    expect(objects.length).toBeGreaterThan(0);
    for (const { properties, required, additionalProperties } of objects) {
      expect(required).toEqual(Object.keys(properties as object));
      expect(additionalProperties).toBe(false);
    }
    expect(JSON.stringify(json)).not.toContain('"default"');
  },
);

test('what a model leaves out since it is empty is read as empty', () => {
  expect(answerForm.read({ answerable: false })).toMatchObject({ value: { answer: '', evidence: [] } });
  const fact = { task: 'factual', questions: ['a'], answer: 'b', evidence: ['c'], mood: 'fine' };
  expect(factsForm('refusing').read({ facts: [fact] })).toMatchObject({ value: { facts: [{ absent: '' }] } });
});
