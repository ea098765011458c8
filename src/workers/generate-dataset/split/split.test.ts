import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { GenerateInput } from '../../../contract/inputs.ts';
import type { Row } from '../../../contract/rows.ts';
import type { ChunkHead, DocumentHead } from '../corpus.ts';
import type { FactHead } from '../pipeline/facts.ts';
import { groupFacts, type Grouping, type Pins } from './group.ts';
import { hashShare } from './hash.ts';
import { heldWording, type HeldSide } from './hold-back.ts';
import { limitGrowth, selectFacts, type Selecting } from './select.ts';

// many random corpora: a busy machine takes its time
vi.setConfig({ testTimeout: 60_000 });

const split: GenerateInput['split'] = {
  ...{ train: 0.8, validation: 0.1, test: 0.1 },
  ...{ recall: 0.2, seed: 42, groupBy: 'Document' },
};

interface Corpus {
  documents: DocumentHead[];
  chunks: ChunkHead[];
  heads: FactHead[];
}

interface DocumentPlan {
  path: string;
  facts: number;
  sections?: number;
  wordings?: number;
}

/** One chunk a section, and `facts` facts in each of them. */
function corpusOf(plans: readonly DocumentPlan[]): Corpus {
  const corpus: Corpus = { documents: [], chunks: [], heads: [] };
  for (const { path, facts, sections = 1, wordings = 3 } of plans) {
    const document = corpus.documents.length;
    corpus.documents.push({ index: document, source: 'docs', path, format: 'markdown', sha256: '0'.repeat(64) });
    for (let section = 0; section < sections; section += 1) {
      const index = corpus.chunks.length;
      const heading = ['Title', `Section ${section}`];
      const place = { id: `${path} ${section}`, start: section * 10, end: section * 10 + 10, tokens: 3 };
      corpus.chunks.push({ index, document, heading, kind: 'prose', language: 'en', ...place });
      for (let fact = 0; fact < facts; fact += 1) {
        const id = `${path}/${section}/${fact}`;
        const own = {
          chunk: index,
          document,
          section: heading.join('/'),
          others: [],
          value: 1,
          task: 'factual',
        } as const;
        corpus.heads.push({ id, ...own, draw: hashShare(42, 'sample', id), wordings });
      }
    }
  }
  return corpus;
}

const many = (documents: number, facts = 4): DocumentPlan[] =>
  Array.from({ length: documents }, (_, index) => ({ path: `d${index}.md`, facts }));

interface Options {
  changes?: Partial<GenerateInput['split']>;
  max?: number;
  pins?: Pins & { held: Record<string, HeldSide> };
  isPreferred?: (head: FactHead) => boolean;
}
type SplitRow = Pick<Row, 'split' | 'probe' | 'group' | 'fact'> & { path: string; wording: number };

function splitCorpus(corpus: Corpus, { changes, max = 100_000, pins, isPreferred = () => false }: Options = {}) {
  const input = { rows: { max, perChunk: 4, wordings: 3 }, split: { ...split, ...changes } };
  const grouping: Grouping = groupFacts(corpus.heads, input.split, corpus, pins);
  const kept = pins === undefined ? {} : { kept: pins.held };
  const selecting: Selecting = { input, documents: corpus.documents, grouping, isPreferred, ...kept };
  const { places, held } = selectFacts(
    corpus.heads.filter((head) => grouping.sideOf(head) !== undefined),
    selecting,
  );
  const rows = [...places].flatMap(([head, { side, group, held: heldFor }]): SplitRow[] => {
    const own = { group, fact: head.id, path: corpus.documents[head.document]!.path };
    if (side !== 'train') return [{ ...own, split: side, probe: 'unseen', wording: 0 }];
    return Array.from({ length: head.wordings }, (_, wording) =>
      heldFor !== undefined && wording === heldWording
        ? { ...own, split: heldFor, probe: 'recall', wording }
        : { ...own, split: 'train', probe: null, wording },
    );
  });
  return { rows, grouping, selecting, pins: { by: grouping.by, moved: grouping.moved, held } };
}

const rowsOf = (plans: readonly DocumentPlan[], options: Options = {}): SplitRow[] =>
  splitCorpus(corpusOf(plans), options).rows;

const plans = fc.array(
  fc.record({
    path: fc.nat(60).map((number) => `d${number}.md`),
    facts: fc.integer({ min: 1, max: 6 }),
    sections: fc.integer({ min: 1, max: 6 }),
    wordings: fc.integer({ min: 1, max: 4 }),
  }),
  { minLength: 1, maxLength: 40 },
);
const distinct = (list: readonly DocumentPlan[]): DocumentPlan[] => [
  ...new Map(list.map((plan) => [plan.path, plan])).values(),
];

test('no group is on both sides, no wording is taken twice, and held back wordings are of trained facts', () => {
  fc.assert(
    fc.property(plans, fc.integer(), fc.constantFrom('Document', 'Section'), (list, seed, groupBy) => {
      const rows = rowsOf(distinct(list), { changes: { seed, groupBy } });
      const trained = new Set(rows.filter((row) => row.split === 'train').map((row) => row.group));
      for (const row of rows) expect(trained.has(row.group)).toBe(row.probe !== 'unseen');
      expect(new Set(rows.map(({ fact, wording }) => `${fact} ${wording}`)).size).toBe(rows.length);
      const facts = new Set(rows.filter((row) => row.split === 'train').map((row) => row.fact));
      for (const row of rows.filter(({ probe }) => probe === 'recall')) expect(facts.has(row.fact)).toBe(true);
      expect(trained.size).toBeGreaterThan(0);
    }),
    { numRuns: 60 },
  );
});

/** Wordings of the first version that were held back and are trained in the second. */
function nowTrained(before: readonly SplitRow[], after: readonly SplitRow[]): string[] {
  const keyOf = ({ fact, wording }: SplitRow): string => `${fact} ${wording}`;
  const trained = new Set(after.filter((row) => row.split === 'train').map(keyOf));
  return before
    .filter((row) => row.split !== 'train')
    .map(keyOf)
    .filter((key) => trained.has(key));
}

/** The same documents, some with more sections and facts, and further documents. */
function grow(list: readonly DocumentPlan[], more: readonly DocumentPlan[]): DocumentPlan[] {
  const added = new Map(more.map((plan) => [plan.path, plan]));
  const grown = list.map((plan) => {
    const { facts = 0, sections = 0 } = added.get(plan.path) ?? {};
    return { ...plan, facts: Math.max(plan.facts, facts), sections: Math.max(plan.sections ?? 1, sections) };
  });
  return distinct([...more, ...grown]);
}

test('[T32] growing the dataset never moves a row from test, validation or recall to train', () => {
  fc.assert(
    fc.property(
      plans,
      fc.array(plans, { minLength: 1, maxLength: 4 }),
      fc.constantFrom('Document', 'Section'),
      (list, growths, groupBy) => {
        let current = distinct(list);
        let before = splitCorpus(corpusOf(current), { changes: { groupBy } });
        for (const more of growths) {
          current = grow(current, more);
          const after = splitCorpus(corpusOf(current), { changes: { groupBy }, pins: before.pins });
          expect(nowTrained(before.rows, after.rows)).toEqual([]);
          before = after;
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('[T32] with groups enough for the hashes to fill each side, no version before is needed for that', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 150, max: 250 }),
      fc.integer({ min: 1, max: 300 }),
      fc.nat(),
      (documents, more, seed) => {
        const before = splitCorpus(corpusOf(many(documents)), { changes: { seed } });
        const after = splitCorpus(corpusOf(many(documents + more)), { changes: { seed } });
        fc.pre(Object.keys({ ...before.pins.moved, ...before.pins.held }).length === 0);
        expect(nowTrained(before.rows, after.rows)).toEqual([]);
      },
    ),
    { numRuns: 12 },
  );
});

test('[T32] more wordings of the facts that are there train none that was held back before', () => {
  fc.assert(
    fc.property(fc.integer({ min: 20, max: 80 }), fc.integer({ min: 2, max: 4 }), (documents, wordings) => {
      const list = many(documents).map((plan) => ({ ...plan, wordings }));
      const before = splitCorpus(corpusOf(list));
      const more = list.map((plan) => ({ ...plan, wordings: wordings + 1 }));
      const after = splitCorpus(corpusOf(more), { pins: before.pins });
      expect(before.rows.filter(({ probe }) => probe === 'recall').length).toBeGreaterThan(0);
      expect(nowTrained(before.rows, after.rows)).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

test('the version before pins nothing but what it did otherwise than the hashes say', () => {
  const list = many(12);
  const first = splitCorpus(corpusOf(list));
  expect(splitCorpus(corpusOf(list), { pins: first.pins }).rows).toEqual(first.rows);
});

test('a fact whose quotes lie on different sides of the split is on none', () => {
  const corpus = corpusOf(many(30, 1));
  const { grouping } = splitCorpus(corpus);
  const on = (side: string): FactHead => corpus.heads.find((head) => grouping.sideOf(head) === side)!;
  const [trained, tested] = [on('train'), on('test')];
  const other = corpus.heads.findLast((head) => grouping.sideOf(head) === 'train')!;
  expect(grouping.sideOf({ ...trained, others: [tested.chunk] })).toBe(undefined);
  expect(grouping.sideOf({ ...trained, others: [other.chunk] })).toBe('train');
});

test('shares are as asked for, validation asks both, and test asks about unseen documents alone', () => {
  const rows = rowsOf(many(400));
  const share = (matches: (row: SplitRow) => boolean, of: (row: SplitRow) => string): number =>
    new Set(rows.filter(matches).map(of)).size;
  const group = (row: SplitRow): string => row.group;
  expect(share((row) => row.split === 'train', group) / 400).toBeCloseTo(0.8, 1);
  expect(share((row) => row.split === 'test', group) / 400).toBeCloseTo(0.1, 1);
  const facts = share(
    (row) => row.split === 'train',
    (row) => row.fact,
  );
  const held = (side: string): number => rows.filter((row) => row.split === side && row.probe === 'recall').length;
  expect(held('recall') / facts).toBeGreaterThan(0.18);
  expect(held('recall') / facts).toBeLessThan(0.22);
  expect(held('validation') / facts).toBeGreaterThan(0.085);
  expect(held('validation') / facts).toBeLessThan(0.115);
  expect(rows.some((row) => row.split === 'validation' && row.probe === 'unseen')).toBe(true);
  expect(rows.some((row) => row.split === 'test' && row.probe !== 'unseen')).toBe(false);
});

test('few facts still give recall and validation their share', () => {
  for (const facts of [5, 8, 12]) {
    const rows = rowsOf([{ path: 'a.md', facts, sections: 4 }], {
      changes: { groupBy: 'Section', test: 0, validation: 0.2 },
    });
    expect(rows.filter((row) => row.split === 'recall').length).toBeGreaterThan(0);
    expect(rows.filter((row) => row.split === 'validation').length).toBeGreaterThan(0);
  }
});

test('another seed is another split', () => {
  const unseen = (seed: number): string[] =>
    rowsOf(many(50), { changes: { seed } })
      .filter((row) => row.probe === 'unseen')
      .map((row) => row.group);
  expect(unseen(1)).not.toEqual(unseen(2));
  expect(unseen(1)).toEqual(unseen(1));
});

test('fewer than three documents are split by section, and that is told', () => {
  const { grouping, rows } = splitCorpus(corpusOf([{ path: 'only.md', facts: 3, sections: 12 }]));
  expect(grouping.by).toBe('Section');
  expect(grouping.notes[0]).toContain('fewer than 3 documents');
  expect(new Set(rows.map((row) => row.split))).toEqual(new Set(['train', 'validation', 'test', 'recall']));
});

test('rows.max is spread over the documents', () => {
  const rows = rowsOf([{ path: 'large.md', facts: 500 }, ...many(30)], { max: 120 });
  expect(rows.length).toBeLessThanOrEqual(120);
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.filter((row) => row.path === 'large.md').length).toBeLessThan(15);
});

test('[C18] of 100,000 rows a tenth is drawn, from every document as much', () => {
  const corpus = corpusOf([{ path: 'large.md', facts: 13_334 }, ...many(2000, 10)]);
  expect(corpus.heads.reduce((sum, { wordings }) => sum + wordings, 0)).toBeGreaterThan(100_000);
  const { rows } = splitCorpus(corpus, { max: 10_000 });
  expect(rows.length).toBeLessThanOrEqual(10_000);
  expect(rows.length).toBeGreaterThan(9_900);
  expect(rows.filter(({ path }) => path === 'large.md').length).toBeLessThan(100);
  expect(splitCorpus(corpus, { max: 10_000 }).rows).toEqual(rows);
});

test('facts with fewer wordings than asked for leave no room unused, and rows.max is never passed', () => {
  const list = Array.from({ length: 60 }, (_, index) => ({
    path: `d${index}.md`,
    facts: 6,
    wordings: index % 2 === 0 ? 3 : 1,
  }));
  for (const max of [10, 57, 100, 333]) {
    const rows = rowsOf(list, { max });
    expect(rows.length).toBeLessThanOrEqual(max);
    expect(rows.length).toBeGreaterThan(max * 0.9 - 3);
  }
});

test('the shares of validation and test may be zero', () => {
  const rows = rowsOf(many(20), { changes: { train: 1, validation: 0, test: 0, recall: 0 } });
  expect(new Set(rows.map((row) => row.split))).toEqual(new Set(['train']));
});

test('growth: facts of the version before stay, new ones get the room there is', () => {
  const corpus = corpusOf(many(40));
  const old = new Set(corpus.heads.filter(({ document }) => document < 20).map(({ id }) => id));
  const { selecting } = splitCorpus(corpus, { isPreferred: ({ id }) => old.has(id) });
  const grown = limitGrowth(corpus.heads, 12, selecting);
  expect(grown.filter(({ id }) => old.has(id)).length).toBe(old.size);
  const fresh = grown.filter(({ id }) => !old.has(id));
  expect(fresh.length).toBeGreaterThanOrEqual(4);
  expect(
    fresh.reduce((sum, head) => sum + (selecting.grouping.sideOf(head) === 'train' ? 3 : 1), 0),
  ).toBeLessThanOrEqual(12);
});
