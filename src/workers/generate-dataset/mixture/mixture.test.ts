import fc from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rowSchema, type RejectedRow, type Row } from '../../../contract/rows.ts';
import { createAskedQuestions } from '../rows/questions.ts';
import { createTokenDraw } from './draw.ts';
import { sampleGeneral, type MixtureSettings } from './index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'general-'));
});
afterEach(() => rm(folder, { recursive: true }));

const rejected: RejectedRow[] = [];
const sample = async (changes: Partial<MixtureSettings> = {}) => {
  rejected.length = 0;
  const mixture = await sampleGeneral({
    ...{ folder, domainWeight: 0.7, domainTokens: 7000, seed: 42, questions: createAskedQuestions() },
    countTokens: (text) => text.split(' ').length,
    onRejected: (row) => Promise.resolve(void rejected.push(row)),
    ...changes,
  });
  const rows: Row[] = [];
  for await (const row of mixture.rows()) rows.push(row);
  return { ...mixture, rows };
};
const lines = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const words = (count: number) => Array.from({ length: count }, () => 'w').join(' ');
const general = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({ instruction: `question ${from + i}`, output: words(1 + ((i * 7) % 30)) }));
const tokensOf = (rows: readonly Row[]) => rows.reduce((sum, { tokens }) => sum + tokens!.prompt + tokens!.answer, 0);

test('[T35] general rows take the share of the tokens that the domain leaves', async () => {
  await writeFile(join(folder, 'a.jsonl'), lines(general(400)));
  await writeFile(join(folder, 'b.json'), JSON.stringify(general(400, 400)));
  const { rows, domainShare, counts, warnings } = await sample();
  expect(domainShare).toBeCloseTo(0.7, 2);
  expect(tokensOf(rows)).toBe(counts.tokens);
  expect(counts.tokens).toBeGreaterThanOrEqual(3000);
  expect(counts.tokens).toBeLessThan(3040);
  expect(new Set(rows.map(({ source }) => source.path))).toEqual(new Set(['a.jsonl', 'b.json']));
  expect(counts).toMatchObject({ read: 800, rejected: 0, taken: rows.length });
  expect(warnings).toEqual([]);
});

test('[T35] general rows are of the contract, trained, and of ids and groups of their own', async () => {
  await writeFile(join(folder, 'a.jsonl'), lines(general(100)));
  const { rows } = await sample({ domainTokens: 200 });
  for (const row of rows) {
    expect(rowSchema.parse(row)).toEqual(row);
    expect(row).toMatchObject({ split: 'train', probe: null, domain: 'general', source: { source: 'general' } });
  }
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  expect(new Set(rows.map(({ group }) => group)).size).toBe(rows.length);
});

test('the seed decides which', async () => {
  await writeFile(join(folder, 'a.jsonl'), lines(general(300)));
  const ids = async (seed: number) => (await sample({ seed, domainTokens: 1000 })).rows.map(({ id }) => id);
  const first = await ids(1);
  expect(await ids(1)).toEqual(first);
  expect(await ids(2)).not.toEqual(first);
});

test('[T35] too few general rows are all taken, with a warning that tells the share', async () => {
  await writeFile(join(folder, 'a.jsonl'), lines([{ prompt: 'one two', completion: 'three four' }]));
  const { domainShare, rows, warnings } = await sample({ domainTokens: 96 });
  expect(rows).toHaveLength(1);
  expect(domainShare).toBeCloseTo(0.96);
  expect(warnings).toEqual([
    'mixture.general has 4 tokens of the 42 that domainWeight 0.7 needs: 96 % of the trained tokens are about the documents',
  ]);
});

test('repeated, refused and bad rows are left out and counted', async () => {
  const told = { prompt: 'asked in the test', completion: 'a' };
  await writeFile(
    join(folder, 'a.jsonl'),
    lines([...general(2), told, general(1)[0], { prompt: 'no', completion: 'b' }, 7]),
  );
  const questions = createAskedQuestions();
  questions.add('Asked in the test?');
  const { counts, rows } = await sample({ questions, accepts: ({ messages }) => messages[0]?.content !== 'no' });
  expect(counts).toMatchObject({ read: 5, repeated: 2, refused: 1, rejected: 1, taken: 2 });
  expect(rows).toHaveLength(2);
  expect(rejected).toEqual([
    expect.objectContaining({ stage: 'import', reason: 'BAD_SHAPE', path: 'general/a.jsonl', row: 7 }),
  ]);
});

test('a domain weight of 1 takes none, and a missing folder names the field', async () => {
  await writeFile(join(folder, 'a.jsonl'), lines(general(9)));
  expect(await sample({ domainWeight: 1 })).toMatchObject({ rows: [], domainShare: 1, warnings: [] });
  await expect(sample({ folder: join(folder, 'none') })).rejects.toThrow('mixture.general');
});

test('a draw has the smallest shares with enough tokens, whatever the order', () => {
  const item = fc.record({
    tokens: fc.integer({ min: 1, max: 50 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(item, { maxLength: 40 }), fc.integer({ min: 0, max: 400 }), (items, room) => {
      const draw = createTokenDraw(room);
      for (const [index, { tokens, share }] of items.entries()) draw.add(index, tokens, share);
      const sorted = [...items.entries()].sort(([i, a], [j, b]) => a.share - b.share || i - j);
      const expected: number[] = [];
      let sum = 0;
      for (const [index, { tokens }] of sorted) {
        if (sum >= room) break;
        expected.push(index);
        sum += tokens;
      }
      expect(draw.drawn()).toEqual({ ordinals: expected.sort((a, b) => a - b), tokens: sum });
    }),
  );
});

test('[T5] [T35] a general row with a secret or a person in it is left out, and is told without it', async () => {
  const planted = ['AKIA', 'QYLPMN5HHHFPZAM2'].join('');
  const bad = [
    { instruction: 'Which key?', output: planted },
    { instruction: 'Who?', output: 'Ask jane.roe@acme-corp.io.' },
  ];
  await writeFile(join(folder, 'a.jsonl'), lines([...general(100), ...bad]));
  const { rows, counts } = await sample({ domainTokens: 100_000 });
  expect(rows).toHaveLength(100);
  expect(counts).toMatchObject({ read: 100, rejected: 2 });
  expect(rejected.map(({ reason }) => reason)).toEqual(['REDACTED', 'REDACTED']);
  expect(JSON.stringify([rows, rejected])).not.toMatch(/AKIA|jane/);
});
