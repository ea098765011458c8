import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rowSchema, type Row } from '../../../contract/rows.ts';
import { rowId } from '../rows/id.ts';
import { createAskedQuestions } from '../rows/questions.ts';
import { changesOf, type Change } from './change.ts';
import { createAugmenter } from './index.ts';
import { cutPieces, join } from './pieces.ts';

const changed = (change: Change, question: string): string[] => changesOf(change, cutPieces(question));

describe('[T34] a synonym takes the place of a word or phrase', () => {
  test.each([
    ['How do I set the timeout?', ['How can I set the timeout?', 'How do I specify the timeout?']],
    ['What is the purpose of an advantage?', ['What is the aim of an advantage?', 'What is the purpose of a benefit?']],
    ['如何设置超时？', ['怎么设置超时？', '怎样设置超时？', '如何设定超时？']],
    ['What happens?', ['What occurs?']],
  ])('%s', (question, some) => expect(changed('synonym', question)).toEqual(expect.arrayContaining(some)));

  test.each([
    ['a noun is no verb', 'Which set of keys exists?'],
    ['a name with a capital', 'Does Set keep order?'],
    ['code', 'Does `set` or "use" or set() or app.use run?'],
    ['a word of a larger one', 'Where are subsets?'],
  ])('%s stays', (_, question) => expect(changed('synonym', question)).toEqual([]));
});

describe('[T34] two words change places', () => {
  test.each([
    ['How do I set the timeout?', ['How I do set the timeout?', 'How do set I the timeout?']],
    ['我可以关闭它吗？', ['可以我关闭它吗？', '我关闭可以它吗？']],
    ['Requests from client to server?', []],
    ['Is it not fast?', []],
    ['Is it not one option?', []],
    ['为什么不应该删除它？', []],
  ])('%s', (question, expected) => expect(changed('swap', question)).toEqual(expected));
});

describe('[T34] a word is left out', () => {
  test.each([
    ['Please explain the `a` option.', ['Explain the `a` option.']],
    ['What is the default port?', ['What is default port?']],
    ['请解释一下插件的作用', ['解释一下插件的作用', '请解释插件的作用', '请解释一下插件作用']],
    ['Does it not close?', []],
    ['When do I return a value?', []],
  ])('%s', (question, expected) => expect(changed('delete', question)).toEqual(expected));
});

const prose = fc.constantFrom(
  ...[
    'how',
    'do',
    'i',
    'the',
    'please',
    'set',
    'use',
    'explain',
    'what',
    'purpose',
    'of',
    'can',
    'exactly',
    'required',
  ],
  ...['如何', '请', '设置', '的', '作用', '我', '可以', '为什么'],
);
const fixed = fc.constantFrom(
  ...[
    '`set the a`',
    'maxLength',
    'max_length',
    'app.use()',
    '--use-the',
    '42',
    '1,000',
    'v2.1',
    'https://a.b/use?the=a',
  ],
  ...[
    '{{please}}',
    '${set}',
    '<|use|>',
    '"the set"',
    '@scope/use',
    'HTTP',
    'Fastify',
    'x86',
    'use(the, a)',
    '%s',
    '[the]',
  ],
);
const question = fc
  .array(fc.oneof({ weight: 3, arbitrary: prose }, { weight: 1, arbitrary: fixed }), { minLength: 2, maxLength: 12 })
  .map((parts) => `What ${parts.join(' ')}?`);
const fixedIn = (text: string): string[] =>
  text.match(
    /`set the a`|maxLength|max_length|app\.use\(\)|--use-the|42|1,000|v2\.1|https:\/\/a\.b\/use\?the=a|\{\{please\}\}|\$\{set\}|<\|use\|>|"the set"|@scope\/use|HTTP|Fastify|x86|use\(the, a\)|%s|\[the\]/g,
  ) ?? [];

test('[T34] names, numbers, code and markers of templates survive every change, in their order', () => {
  fc.assert(
    fc.property(question, fc.constantFrom('synonym', 'swap', 'delete'), (text, change) => {
      for (const other of changed(change, text)) {
        expect(fixedIn(other)).toEqual(fixedIn(text));
        expect(other).not.toBe(text);
      }
    }),
    { numRuns: 400 },
  );
});

test('the pieces of any text are the text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), question), (text) => {
      expect(join(cutPieces(text))).toBe(text);
    }),
  );
});

const row = (content: string, changes: Partial<Row> = {}): Row => {
  const messages: Row['messages'] = [
    { role: 'user', content },
    { role: 'assistant', content: 'Use the `a` option, please.' },
  ];
  const source: Row['source'] = { source: 'docs', path: 'a.md', start: 0, end: 9, heading: [], evidence: [] };
  return {
    ...{
      id: rowId(messages, source),
      messages,
      task: 'factual',
      language: 'en',
      split: 'train',
      probe: null,
      group: 'g',
    },
    ...{ fact: 'f', source, generator: { name: 'extractive', model: null, prompt: null }, domain: 'documents' },
    ...changes,
  };
};
const settings = { copies: 1, synonym: 1, swap: 0, delete: 0 };
const countTokens = (text: string): number => text.split(' ').length;
const augmenter = (changes: Partial<typeof settings> = {}, asked: readonly string[] = [], seed = 42) => {
  const questions = createAskedQuestions();
  for (const one of asked) questions.add(one);
  return createAugmenter({ settings: { ...settings, ...changes }, seed, questions, countTokens });
};

describe('[T34] copies', () => {
  const original = row('How do I set the timeout?', {
    tokens: { prompt: 6, answer: 6 },
    scores: { faithful: true },
    cost: 1,
    review: { verdict: 'accepted', reviewer: 'ada' },
  });

  test('keep the answer, name their original, and claim neither score, cost nor review', () => {
    const copies = augmenter({ copies: 3 }).augment(original);
    expect(copies).toHaveLength(3);
    for (const copy of copies) {
      expect(rowSchema.parse(copy)).toEqual(copy);
      expect(copy).toMatchObject({ parents: [original.id], split: 'train', fact: 'f', source: original.source });
      expect(copy.messages.at(-1)).toEqual(original.messages.at(-1));
      expect(copy.tokens?.prompt).toBe(countTokens(copy.messages[0]!.content));
      expect(copy.id).toBe(rowId(copy.messages, copy.source));
      expect([copy.scores, copy.cost, copy.review]).toEqual([undefined, undefined, undefined]);
    }
    expect(new Set(copies.map(({ id }) => id)).size).toBe(3);
  });

  test('are made of trained rows about the documents alone', () => {
    const own = augmenter();
    expect(own.augment(row('How do I set it?', { split: 'test', probe: 'unseen' }))).toEqual([]);
    expect(own.augment(row('How do I set it?', { split: 'recall', probe: 'recall' }))).toEqual([]);
    expect(own.augment(row('How do I set it?', { domain: 'general' }))).toEqual([]);
  });

  test('repeat no question; what cannot be changed stays alone and is counted', () => {
    const own = augmenter({}, ['What occurs?']);
    expect(own.augment(row('What happens?'))).toEqual([]);
    expect(own.augment(row('Why `set`?'))).toEqual([]);
    expect(own.augment(row('Why does it occur?'))).toHaveLength(1);
    expect(own.counts()).toEqual({ MADE: 1, NOT_DRAWN: 0, NOTHING_TO_CHANGE: 1, ASKED_ALREADY: 1 });
  });

  test('in a conversation, the same question after other turns is another question', () => {
    const before = { role: 'user' as const, content: 'Hi' };
    const told = row('What happens?');
    const later = { ...told, messages: [before, { role: 'assistant' as const, content: 'Hello' }, ...told.messages] };
    expect(
      augmenter({}, ['What occurs?'])
        .augment(later)[0]
        ?.messages.map(({ content }) => content),
    ).toEqual([...['Hi', 'Hello', 'What occurs?', 'Use the `a` option, please.']]);
  });

  test('depend on the seed alone, and the chances hold', () => {
    const chances = { synonym: 0.3, swap: 0.2, delete: 0.1 };
    const rows = Array.from({ length: 2000 }, (_, i) => row(`How do I set the timeout of plugin ${i}?`));
    const made = (seed: number) => {
      const own = augmenter(chances, [], seed);
      return {
        questions: rows.flatMap((one) => own.augment(one)).map(({ messages }) => messages[0]!.content),
        counts: own.counts(),
      };
    };
    const first = made(1);
    expect(made(1)).toEqual(first);
    expect(made(2).questions).not.toEqual(first.questions);
    expect(first.counts.MADE / 2000).toBeCloseTo(0.6, 1);
    const isDeleted = (text: string) => !text.includes('the timeout');
    expect(first.questions.filter(isDeleted).length / 2000).toBeCloseTo(0.1, 1);
  });
});

describe('known mistakes of a published source', () => {
  const seeded = augmenter({ copies: 2, synonym: 0.4, swap: 0.3, delete: 0.3 });
  const rowsOf = (split: Row['split'], probe: Row['probe'], name: string): Row[] =>
    Array.from({ length: 40 }, (_, i) => row(`How do I set the timeout of ${name} ${i}?`, { split, probe }));

  test('known mistake 2: only the question of trained rows changes, after the split, and no marker of a template', () => {
    const marked = row('### Instruction:\nHow do I set the timeout? ### Response:');
    const copies = augmenter({ copies: 3, synonym: 0.4, swap: 0.3, delete: 0.3 }).augment(marked);
    expect(copies.length).toBeGreaterThan(0);
    for (const { messages } of copies) {
      expect(messages[0]!.content).toMatch(/^### Instruction:\n[\s\S]* ### Response:$/);
      expect(messages.at(-1)).toEqual(marked.messages.at(-1));
    }
    const held = [
      ...rowsOf('validation', 'unseen', 'a'),
      ...rowsOf('recall', 'recall', 'b'),
      ...rowsOf('test', 'unseen', 'c'),
    ];
    expect(held.flatMap((one) => seeded.augment(one))).toEqual([]);
  });

  test('known mistake 3: copies are added with one change each, and a Chinese question changes by words', () => {
    const rows = rowsOf('train', null, 'plugin');
    const before = structuredClone(rows);
    const made = rows.map((one) => seeded.augment(one));
    expect(rows).toEqual(before);
    expect(made.flat().length).toBeGreaterThan(40);
    for (const [index, copies] of made.entries()) {
      const original = rows[index]!.messages[0]!.content;
      const single = (['synonym', 'swap', 'delete'] as const).flatMap((change) => changed(change, original));
      for (const copy of copies) expect(single).toContain(copy.messages[0]!.content);
    }
    const chinese = augmenter().augment(row('如何设置超时？', { language: 'zh' }));
    expect(chinese.map(({ messages }) => messages[0]!.content)).toEqual([
      expect.stringMatching(/^(?:怎么设置超时|怎样设置超时|如何设定超时)？$/),
    ]);
  });
});
