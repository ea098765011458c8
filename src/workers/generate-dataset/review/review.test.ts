import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Row } from '../../../contract/rows.ts';
import { divide } from './sample.ts';
import { writeSheet } from './sheet.ts';
import { readVerdicts } from './verdicts.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'review-'));
});
afterEach(() => rm(folder, { recursive: true }));

const hex = (number: number): string => number.toString(16).padStart(64, '0');
const row = (number: number, changes: Partial<Row> = {}): Partial<Row> => ({
  id: `sha256:${hex(number)}`,
  fact: `fact${number}`,
  task: 'factual',
  messages: [
    { role: 'user', content: `question ${number}` },
    { role: 'assistant', content: `answer ${number}` },
  ],
  source: {
    ...{ source: 'docs', path: 'a.md', url: 'https://x/a.md#L1', start: 0, end: 9, heading: [] },
    evidence: [{ quote: 'a, "b"\nc', start: 0, end: 8 }],
  },
  probe: null,
  domain: 'documents',
  ...changes,
});
const writeRows = async (rows: readonly Partial<Row>[], recall: readonly Partial<Row>[] = []) => {
  const text = (all: readonly unknown[]) => all.map((one) => `${JSON.stringify(one)}\n`).join('');
  await writeFile(join(folder, 'train.jsonl'), text(rows));
  for (const split of ['validation', 'test']) await writeFile(join(folder, `${split}.jsonl`), '');
  await writeFile(join(folder, 'recall.jsonl'), text(recall));
};
const readSheet = async () => {
  const text = await readFile(join(folder, 'review/sheet.csv'), 'utf8');
  return parse(text, { bom: true, columns: true }) as unknown as Record<string, string>[];
};

describe('[T41] the sheet', () => {
  test('shows question, answer, quote and link, with room for the verdict', async () => {
    await writeRows([row(1)]);
    expect(await writeSheet(folder, { sample: 5, seed: 1 })).toMatchObject({ path: 'review/sheet.csv', rows: 1 });
    expect(await readSheet()).toEqual([
      {
        ...{ id: `sha256:${hex(1)}`, fact: 'fact1', task: 'factual', question: 'question 1', answer: 'answer 1' },
        ...{ evidence: 'a, "b"\nc', url: 'https://x/a.md#L1' },
        ...{ verdict: '', 'edited answer': '', reviewer: '', comment: '' },
      },
    ]);
  });

  test('shows one wording of a fact, and neither copies nor general nor held back rows', async () => {
    const rows = [row(1), row(2, { fact: 'fact1' }), row(3, { parents: ['x'] }), row(4, { domain: 'general' })];
    await writeRows(rows, [row(5, { probe: 'recall' })]);
    await writeSheet(folder, { sample: 50, seed: 1 });
    expect((await readSheet()).map(({ question }) => question)).toEqual(['question 1']);
  });

  test('no cell is a formula', async () => {
    const said = ['=1+1', '+1', '-1', '@a', '\t=1', '＝1'];
    const rows = said.map((content, i) =>
      row(i, {
        messages: [
          { role: 'user', content },
          { role: 'assistant', content },
        ],
      }),
    );
    await writeRows(rows);
    await writeSheet(folder, { sample: 50, seed: 1 });
    for (const { question, answer } of await readSheet()) {
      expect(question).toMatch(/^'/);
      expect(answer).toMatch(/^'/);
    }
  });

  test('is drawn by seed, evenly over the tasks', async () => {
    const rows = Array.from({ length: 400 }, (_, i) =>
      row(i, { task: i < 300 ? 'factual' : i < 396 ? 'howTo' : 'debug' }),
    );
    await writeRows(rows);
    const tasksOf = async (seed: number) => {
      const { sha256 } = await writeSheet(folder, { sample: 20, seed });
      const counts = Map.groupBy(await readSheet(), ({ task }) => task);
      return { sha256, counts: ['factual', 'howTo', 'debug'].map((task) => counts.get(task)?.length) };
    };
    const first = await tasksOf(1);
    expect(first.counts).toEqual([15, 4, 1]);
    expect(await tasksOf(1)).toEqual(first);
    expect((await tasksOf(2)).sha256).not.toBe(first.sha256);
  });

  test('rooms add up to the sample, and nobody gets more than there is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 18 }),
        fc.integer({ min: 1, max: 200 }),
        (counts, size) => {
          const rooms = divide(counts, size);
          const total = counts.reduce((sum, count) => sum + count, 0);
          expect(rooms.reduce((sum, room) => sum + room, 0)).toBe(Math.min(size, total));
          for (const [index, room] of rooms.entries()) expect(room).toBeLessThanOrEqual(counts[index]!);
          if (counts.length <= size) expect(Math.min(...rooms)).toBeGreaterThan(0);
        },
      ),
    );
  });
});

describe('[T41] verdicts', () => {
  const id = (number: number) => `sha256:${hex(number)}`;
  const read = async (text: string | Buffer) => {
    await writeFile(join(folder, 'verdicts.csv'), text);
    return readVerdicts(folder);
  };
  const head = 'id,fact,verdict,edited answer,reviewer,comment\n';

  test('of a filled in sheet hold for their facts', async () => {
    await writeRows([row(1), row(2), row(3), row(4)]);
    await writeSheet(folder, { sample: 5, seed: 1 });
    const said: Record<string, Record<string, string>> = {
      fact1: { verdict: 'accept', reviewer: 'ada', comment: 'fine' },
      fact2: { verdict: 'edit', 'edited answer': "'- new", reviewer: 'ada' },
      fact3: { verdict: 'Reject ', comment: 'wrong, "sadly"' },
    };
    const filled = (await readSheet()).map((line) => ({ ...line, ...said[line.fact!] }));
    const verdicts = await read(stringify(filled, { header: true }));
    expect(verdicts.of('fact1')).toMatchObject({ verdict: 'accepted', reviewer: 'ada', comment: 'fine' });
    expect(verdicts.of('fact2')).toMatchObject({ verdict: 'edited', answer: '- new' });
    expect(verdicts.of('fact3')).toMatchObject({ verdict: 'rejected', reviewer: 'unknown', comment: 'wrong, "sadly"' });
    expect(verdicts.of('fact4')).toBeUndefined();
    expect(verdicts.problems()).toEqual([]);
    expect(verdicts.counts()).toEqual({ accepted: 1, edited: 1, rejected: 1 });
  });

  test('that are malformed, foreign, twice or unclear are named with their line', async () => {
    const verdicts = await read(
      head +
        `${id(1)},fact1,accept,,,\n` +
        'x,fact1,accept,,,\n' +
        `${id(2)},,accept,,,\n` +
        `${id(3)},fact3,maybe,,,\n` +
        `${id(4)},fact4,edit,,,\n` +
        `${id(1)},fact1,reject,,,\n` +
        `${id(5)},fact1,reject,,,\n` +
        `${id(6)},fact6,accept,,,\n` +
        `${id(7)},fact7\n` +
        `${id(8)},fact8,,,,not yet\n`,
    );
    expect(verdicts.of('fact1')).toMatchObject({ verdict: 'rejected', line: 8 });
    expect(verdicts.problems()).toEqual([
      expect.stringContaining('line 3: id "x" is malformed'),
      expect.stringContaining('line 4: fact "" is malformed'),
      expect.stringContaining('line 5: verdict "maybe" is unknown'),
      expect.stringContaining('line 6: verdict is edit, but'),
      expect.stringContaining('line 7: row'),
      expect.stringContaining('line 8: line 2 judges the same fact otherwise'),
      expect.stringContaining('line 10: '),
      expect.stringContaining('line 9: fact "fact6" is not in this dataset'),
    ]);
  });

  test('are read as spreadsheets write them', async () => {
    const text = `\ufeffID;Fact;Verdict;Edited answer;Reviewer;Comment\r\n${id(1)};fact1;ok;"a;\n""b""";grace;\r\n`;
    expect((await read(text)).of('fact1')).toMatchObject({ verdict: 'edited', answer: 'a;\n"b"', reviewer: 'grace' });
  });

  test('a missing file, column or encoding names the field', async () => {
    await expect(readVerdicts(folder)).rejects.toMatchObject({ reason: 'NoVerdicts' });
    await expect(read('id,verdict\n')).rejects.toThrow('has no column "fact"');
    await expect(read(`id,verdict\n${id(1)},ok\n`)).rejects.toThrow('has no column "fact"');
    await expect(read(Buffer.from(`${head}ä`, 'latin1'))).rejects.toThrow('is not UTF-8');
  });
});
