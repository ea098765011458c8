import fc from 'fast-check';
import type { DocumentRecord } from '../../../contract/documents.ts';
import { describe, expect, test } from 'vitest';
import { reportSchema } from '../../../contract/report.ts';
import type { Row } from '../../../contract/rows.ts';
import type { ChunkHead } from '../corpus.ts';
import { createCleanliness } from './cleanliness.ts';
import { coverageReport } from './coverage.ts';
import { createDraw } from './draw.ts';
import { createReport, type ReportAbout } from './index.ts';
import { createDistribution } from './quantiles.ts';
import { questionType } from './question-type.ts';
import { selfBleu } from './self-bleu.ts';
import { distinctShare, wordsOf } from './words.ts';

const row = (question: string, changes: Partial<Row> = {}): Row => ({
  id: `sha256:${Buffer.from(question).toString('hex').padEnd(64, '0').slice(0, 64)}`,
  messages: [
    { role: 'user', content: question },
    { role: 'assistant', content: 'An answer.' },
  ],
  task: 'factual',
  language: 'en',
  split: 'train',
  probe: null,
  group: 'docs/a.md',
  fact: 'f',
  source: { source: 'docs', path: 'a.md', start: 0, end: 9, heading: [], evidence: [] },
  generator: { name: 'extractive', model: null, prompt: null },
  domain: 'documents',
  ...changes,
});

const chunk = (index: number, document: number, changes: Partial<ChunkHead> = {}): ChunkHead => ({
  ...{ index, document, id: `c${index}`, start: 0, end: 1, tokens: 9, kind: 'prose', language: 'en', heading: ['h'] },
  ...changes,
});
const document = (index: number) =>
  ({ index, source: 'docs', path: `${index}.md`, format: 'markdown', sha256: '' }) as const;

const about: ReportAbout = {
  tokenizer: 'estimate',
  corpus: { documents: [], chunks: [] },
  covered: new Set(),
  cleanliness: createCleanliness().counts(),
  consistency: null,
  duplicates: null,
  contamination: null,
  augmentation: null,
  mixture: null,
  review: null,
  delta: null,
  rejected: { byStage: { judge: 1, check: 2 }, byReason: { NO_EVIDENCE: 3 } },
  warnings: [],
};

describe('[T30] the report', () => {
  const rows = [
    row('How do I set the timeout?', { tokens: { prompt: 500, answer: 100 }, task: 'howTo' }),
    row('How do I stop the server?', { tokens: { prompt: 10, answer: 20 }, parents: ['x'] }),
    row('什么是插件？', { language: 'zh', split: 'recall', probe: 'recall', tokens: { prompt: 9000, answer: 1 } }),
    row('Sing a song', { domain: 'general', tokens: { prompt: 4, answer: 4 } }),
  ];
  const report = (order: readonly Row[]) => {
    const reporter = createReport({ seed: 42 });
    for (const one of order) reporter.observe(one);
    return reporter.finish(about);
  };

  test('is of the contract and counts the rows', () => {
    const made = report(rows);
    expect(reportSchema.parse(made)).toEqual(made);
    expect(made.rows).toMatchObject({
      total: 4,
      bySplit: { recall: 1, train: 3 },
      byTask: { factual: 3, howTo: 1 },
      byLanguage: { en: 3, zh: 1 },
      byDomain: { documents: 3, general: 1 },
      augmented: 1,
    });
    expect(Object.keys(made.rejected.byStage)).toEqual(['check', 'judge']);
  });

  test('leaves general rows out of the figures of diversity', () => {
    const { diversity } = report(rows);
    expect(diversity).toMatchObject({ sampled: 3, questionTypes: { how: 2, what: 1 } });
    expect(diversity.firstWords).toEqual([
      { words: 'how do', rows: 2 },
      { words: '什 么', rows: 1 },
    ]);
    expect(diversity.taskEntropy).toBeCloseTo(0.9183, 4);
    expect(diversity.rowsPerDocument).toMatchObject({ max: 3 });
  });

  test('[T40] tells how many rows each maxLength would cut', () => {
    const { tokens } = report(rows);
    expect(tokens?.total).toMatchObject({ min: 8, p50: 30, max: 9001 });
    expect(tokens?.over.map(({ limit, rows: over, share }) => [limit, over, share])).toEqual([
      [512, 2, 0.5],
      [1024, 1, 0.25],
      [2048, 1, 0.25],
      [4096, 1, 0.25],
      [8192, 1, 0.25],
    ]);
  });

  test('[T40] counts what the chat template adds, where it is known', () => {
    const reporter = createReport({ seed: 42, chatTokens: (messages) => 100 * messages.length });
    for (const one of rows) reporter.observe(one);
    expect(reporter.finish(about).tokens).toMatchObject({ total: { min: 200, max: 200 }, answer: { max: 100 } });
  });

  test('does not depend on the order of the rows', () => {
    expect(JSON.stringify(report(rows.toReversed()))).toBe(JSON.stringify(report(rows)));
  });

  test('of no rows is of the contract too', () => {
    const made = createReport({ seed: 1 }).finish({ ...about, tokenizer: null });
    expect(reportSchema.parse(made)).toMatchObject({ tokens: null, diversity: { distinct1: null, selfBleu: null } });
  });
});

test('[T6] coverage counts chunks, documents and sections, and names the least covered', () => {
  const chunks = [
    chunk(0, 0),
    chunk(1, 0, { heading: ['h', 'i'] }),
    chunk(2, 0, { skip: 'CHANGELOG' }),
    chunk(3, 1),
    chunk(4, 1, { heading: ['x'] }),
    chunk(5, 2, { skip: 'CHANGELOG' }),
  ];
  const corpus = { documents: [0, 1, 2, 3].map(document), chunks };
  expect(coverageReport(corpus, new Set([0, 1, 3]))).toEqual({
    chunks: { total: 6, usable: 4, covered: 3, skipped: { CHANGELOG: 2 } },
    documents: { total: 4, usable: 2, covered: 2 },
    sections: { total: 5, usable: 4, covered: 3 },
    share: 0.75,
    lowest: [{ document: 'docs/1.md', usable: 2, covered: 1 }],
  });
});

test('[T6] cleanliness sums what was changed and taken out', () => {
  const counter = createCleanliness();
  const record: DocumentRecord = { path: 'a', format: 'markdown', bytes: 1, sha256: '' } as const;
  counter.add({ ...record, cleaning: { 'zero-width': 3 }, licence: 'MIT' });
  counter.add({ ...record, redactions: { 'aws-access-key': 1 }, cleaning: { 'zero-width': 1, control: 2 }, file: 'b' });
  counter.add(record);
  expect(counter.counts()).toEqual({
    documents: 3,
    cleaned: 2,
    converted: 1,
    changes: { control: 2, 'zero-width': 4 },
    redactions: { 'aws-access-key': 1 },
    licences: { MIT: 1, unknown: 2 },
  });
});

test('quantiles are those of the sorted numbers', () => {
  const numbers = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(numbers, (values) => {
      const distribution = createDistribution();
      for (const value of values) distribution.add(value);
      const sorted = values.toSorted((a, b) => a - b);
      const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1];
      const found = distribution.quantiles();
      expect(found).toMatchObject({ min: sorted[0], p50: at(0.5), p95: at(0.95), max: sorted.at(-1) });
      expect(distribution.above(25)).toBe(values.filter((value) => value > 25).length);
    }),
  );
});

test('a draw holds the items with the smallest shares, whatever the order', () => {
  const shares = fc.uniqueArray(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });
  fc.assert(
    fc.property(shares, fc.integer({ min: 1, max: 10 }), (all, size) => {
      const draw = createDraw<number>(size);
      for (const share of all) draw.add(share, share);
      expect(draw.items()).toEqual(all.toSorted((a, b) => a - b).slice(0, size));
    }),
  );
});

describe('figures of diversity', () => {
  const words = (...texts: string[]) => texts.map(wordsOf);

  test('words are Latin words and single Chinese characters', () => {
    expect(wordsOf('Set `maxLength` to 5, 设置超时!')).toEqual(['set', 'maxlength', 'to', '5', '设', '置', '超', '时']);
  });

  test('distinct-n', () => {
    expect(distinctShare(words('a b c', 'a b d'), 1)).toBeCloseTo(4 / 6);
    expect(distinctShare(words('a b c', 'a b d'), 2)).toBeCloseTo(3 / 4);
    expect(distinctShare(words('a'), 2)).toBeNull();
  });

  test('self-BLEU is 1 for equal texts, small for different ones, and between for related ones', () => {
    const equal = selfBleu(words('how do i set the timeout', 'how do i set the timeout'));
    const related = selfBleu(words('how do i set the timeout', 'how do i set the port'));
    const different = selfBleu(words('how do i set the timeout', 'which plugin parses multipart bodies'));
    expect(equal).toBeCloseTo(1);
    // 5/6 · 4/5 · 3/4 · 2/3, its fourth root
    expect(related).toBeCloseTo((1 / 3) ** 0.25);
    expect(different).toBeLessThan(0.05);
    expect(selfBleu(words('one'))).toBeNull();
  });

  test.each([
    ['How do I set it?', 'how'],
    ['Why is it slow?', 'why'],
    ['When I call it, what happens?', 'what'],
    ['Is it safe?', 'yesNo'],
    ['Write a plugin that shows how.', 'instruction'],
    ['如何设置？', 'how'],
    ['为什么慢？', 'why'],
    ['它安全吗？', 'yesNo'],
    ['在哪里设置？', 'where'],
    ['请写一个插件', 'instruction'],
    ['The default port', 'other'],
  ])('the type of "%s" is %s', (question, type) => expect(questionType(question)).toBe(type));
});
