import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { GenerateInput } from '../../../contract/inputs.ts';
import { rowSchema, type Row } from '../../../contract/rows.ts';
import type { Candidate, ChunkedDocument } from '../candidate.ts';
import { normaliseQuestion, uniqueQuestions } from '../rows/questions.ts';
import { groupCandidates } from './group.ts';
import { splitRows } from './split.ts';

const split: GenerateInput['split'] = {
  train: 0.8,
  validation: 0.1,
  test: 0.1,
  recall: 0.2,
  seed: 42,
  groupBy: 'Document',
};
const generator: Row['generator'] = { name: 'extractive', model: null, prompt: null };
const chunk = { id: 'c', heading: [], start: 0, end: 10, tokens: 3 };

/** A document of `sections` sections with `facts` facts each. */
function candidatesOf(path: string, facts: number, sections = 1): Candidate[] {
  const document: ChunkedDocument = {
    ...{ path, format: 'markdown', bytes: 10, sha256: '0'.repeat(64), source: 'docs', text: '0123456789' },
    ...{ sections: [], chunks: [chunk] },
  };
  return Array.from({ length: facts * sections }, (_, index) => ({
    document,
    chunk,
    fact: {
      ...{ task: 'factual', language: 'en', heading: ['Title', `Section ${index % sections}`], weight: 1 },
      answer: `answer ${index}`,
      questions: ['What is', 'Explain', 'Tell me of'].map((start) => `${start} ${path} ${index}?`),
      evidence: [{ start: 0, end: 5 }],
    },
  }));
}

const many = (documents: number, facts = 4): Candidate[] =>
  Array.from({ length: documents }, (_, index) => candidatesOf(`d${index}.md`, facts)).flat();

function rowsOf(candidates: Candidate[], changes: Partial<GenerateInput['split']> = {}, max = 10_000): Row[] {
  const input = { rows: { max, perChunk: 4, wordings: 3 }, split: { ...split, ...changes } };
  return splitRows(candidates, groupCandidates(candidates, input.split), input, generator);
}

const isUnseen = (row: Row): boolean => row.probe === 'unseen';

test('no group is on both sides, no question is asked twice, and held back questions are about trained facts', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 8 }),
      fc.integer(),
      (documents, facts, seed) => {
        const rows = rowsOf(many(documents, facts), { seed });
        const trained = new Set(rows.filter((row) => row.split === 'train').map((row) => row.group));
        for (const row of rows) expect(trained.has(row.group)).toBe(!isUnseen(row));
        const questions = rows.map((row) => normaliseQuestion(row.messages[0]!.content));
        expect(new Set(questions).size).toBe(questions.length);
        const trainedFacts = new Map(rows.filter((row) => row.split === 'train').map((row) => [row.fact, row]));
        for (const row of rows.filter((entry) => entry.probe === 'recall')) {
          expect(trainedFacts.get(row.fact)?.messages[1]).toEqual(row.messages[1]);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('shares are as asked for, validation asks both, and every row is of the contract', () => {
  const rows = rowsOf(many(400));
  const count = (matches: (row: Row) => boolean): number => rows.filter(matches).length;
  const groups = (matches: (row: Row) => boolean): number => new Set(rows.filter(matches).map((row) => row.group)).size;
  expect(groups((row) => row.split === 'train') / 400).toBeCloseTo(0.8, 1);
  expect(groups((row) => row.split === 'test') / 400).toBeCloseTo(0.1, 1);
  const trainedFacts = new Set(rows.filter((row) => row.split === 'train').map((row) => row.fact)).size;
  expect(count((row) => row.split === 'recall')).toBe(Math.round(trainedFacts * 0.2));
  expect(count((row) => row.split === 'validation' && row.probe === 'recall')).toBe(Math.round(trainedFacts * 0.1));
  expect(count((row) => row.split === 'validation' && row.probe === 'unseen')).toBeGreaterThan(0);
  expect(count((row) => row.split === 'test' && row.probe !== 'unseen')).toBe(0);
  for (const row of rows) expect(rowSchema.safeParse(row).success).toBe(true);
});

test('a growing dataset moves no group', () => {
  const sides = (documents: number): Map<string, boolean> =>
    new Map(rowsOf(many(documents)).map((row) => [row.group, isUnseen(row)]));
  const [before, after] = [sides(200), sides(300)];
  for (const [group, unseen] of before) expect(after.get(group)).toBe(unseen);
});

test('another seed is another split', () => {
  const test = (seed: number): string[] =>
    rowsOf(many(50), { seed })
      .filter(isUnseen)
      .map((row) => row.group);
  expect(test(1)).not.toEqual(test(2));
  expect(test(1)).toEqual(test(1));
});

test('fewer than three documents are split by section, and that is told', () => {
  const grouping = groupCandidates(candidatesOf('only.md', 3, 12), split);
  expect(grouping.by).toBe('Section');
  expect(grouping.notes[0]).toContain('fewer than 3 documents');
  const rows = rowsOf(candidatesOf('only.md', 3, 12));
  expect(new Set(rows.map((row) => row.split))).toEqual(new Set(['train', 'validation', 'test', 'recall']));
});

test('rows.max is spread over the documents', () => {
  const rows = rowsOf([...candidatesOf('large.md', 500), ...many(30)], {}, 120);
  expect(rows.length).toBeLessThanOrEqual(120);
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.filter((row) => row.source.path === 'large.md').length).toBeLessThan(15);
});

test('facts with fewer wordings than asked for leave no room unused, and rows.max is never passed', () => {
  const candidates = many(60, 6).map((candidate, index) =>
    index % 2 === 0
      ? candidate
      : { ...candidate, fact: { ...candidate.fact, questions: candidate.fact.questions.slice(0, 1) } },
  );
  for (const max of [10, 57, 100, 333]) {
    const rows = rowsOf(candidates, {}, max);
    expect(rows.length).toBeLessThanOrEqual(max);
    expect(rows.length).toBeGreaterThan(max * 0.9 - 3);
  }
});

test('the shares of validation and test may be zero', () => {
  const rows = rowsOf(many(20), { train: 1, validation: 0, test: 0, recall: 0 });
  expect(new Set(rows.map((row) => row.split))).toEqual(new Set(['train']));
});

test('two facts with the same question: the first stays, the second is rejected', () => {
  const [first, second] = candidatesOf('a.md', 2);
  const twin: Candidate = { ...second!, fact: { ...second!.fact, questions: ['what is A.md 0'] } };
  const { kept, rejected } = uniqueQuestions([first!, twin], 2);
  expect(kept.map(({ fact }) => fact.questions.length)).toEqual([2]);
  expect(rejected.map(({ reason }) => reason)).toEqual(['DUPLICATE_QUESTION']);
});
