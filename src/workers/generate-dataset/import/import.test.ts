import fc from 'fast-check';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Row } from '../../../contract/rows.ts';
import type { Fact, Refusal } from '../fact.ts';
import { openFormats } from '../output/formats/index.ts';
import { messagesOf } from '../rows/row.ts';
import { importLimits, type ImportLimits } from './files/record.ts';
import { openImport, type Imported } from './open-import.ts';

let folder: string;
let scratch: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rows-'));
  scratch = await mkdtemp(join(tmpdir(), 'scratch-'));
});
afterEach(async () => {
  await Promise.all([folder, scratch].map((path) => rm(path, { recursive: true })));
});

const screening = { secrets: 'Redact', personalData: 'Redact' } as const;
type Settings = Parameters<typeof openImport>[0];

async function importAll(settings: Partial<Settings> = {}, limits: ImportLimits = importLimits) {
  const imported = await openImport(
    { path: folder, format: 'Auto', historyTurns: null, screening, ...settings },
    scratch,
    limits,
  );
  const facts: Fact[] = [];
  const refusals: Refusal[] = [];
  for (const finding of await findings(imported)) {
    if ('fact' in finding) facts.push(finding.fact);
    else refusals.push(finding.refusal);
  }
  await imported.close();
  return { imported, facts, refusals, told: refusals.map(({ reason, detail }) => `${reason} ${detail}`) };
}

async function findings({ generator }: Imported) {
  const { signal } = new AbortController();
  const found = await Promise.all(generator.units.map((unit) => generator.run(unit, signal)));
  return found.flat();
}

const write = (name: string, content: string | Buffer) => writeFile(join(folder, name), content);
const lines = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const said = (question: string, answer: string) => [
  { role: 'user', content: question },
  { role: 'assistant', content: answer },
];

describe('rows of each form become facts', () => {
  const good: [string, unknown, Partial<Fact>][] = [
    ['messages', { messages: said('q', 'a') }, { questions: ['q'], answer: 'a', task: 'other' }],
    [
      'messages with a system prompt',
      { messages: [{ role: 'system', content: 's' }, ...said('q', 'a')] },
      { system: 's', questions: ['q'], answer: 'a' },
    ],
    [
      'messages of several turns',
      { messages: [...said('q1', 'a1'), ...said('q2', 'a2')] },
      { earlier: [{ question: 'q1', answer: 'a1' }], questions: ['q2'], answer: 'a2', task: 'multiTurn' },
    ],
    [
      'a task of ours',
      { messages: said('q', 'a'), task: 'debug', group: 'g' },
      { task: 'debug', heading: ['group', 'g', 'line 1'] },
    ],
    [
      'a task of others',
      { messages: said('q', 'a'), task: 7, group: '' },
      { task: 'other', heading: ['group', expect.stringMatching(/^opening /) as string, 'line 1'] },
    ],
    [
      'further right answers',
      { messages: said('q', 'a'), references: ['b', 'c'] },
      { questions: ['q'], answer: 'a', references: ['b', 'c'] },
    ],
    ['no further right answers', { messages: said('q', 'a'), references: [] }, { answer: 'a' }],
    ['alpaca', { instruction: 'q', input: '', output: 'a', system: null }, { questions: ['q'], answer: 'a' }],
    ['alpaca with input', { instruction: 'q', input: 'i', output: 'a' }, { questions: ['q\ni'], answer: 'a' }],
    [
      'alpaca with history',
      { instruction: 'q2', output: 'a2', system: 's', history: [['q1', 'a1']] },
      { system: 's', earlier: [{ question: 'q1', answer: 'a1' }], questions: ['q2'] },
    ],
    [
      'sharegpt',
      {
        conversations: [
          { from: 'human', value: 'q' },
          { from: 'gpt', value: 'a' },
        ],
        system: 's',
      },
      { system: 's', questions: ['q'], answer: 'a' },
    ],
    ['prompt and completion', { prompt: 'q', completion: ' a' }, { questions: ['q'], answer: ' a' }],
    [
      'prompt and completion as messages',
      { prompt: said('q1', 'a1').concat(said('q2', 'a2').slice(0, 1)), completion: said('', 'a2').slice(1) },
      { earlier: [{ question: 'q1', answer: 'a1' }], questions: ['q2'], answer: 'a2' },
    ],
    ['Chinese', { prompt: '如何设置超时时间？', completion: '使用选项。' }, { language: 'zh' }],
  ];
  test.each(good)('%s', async (_, row, expected) => {
    await write('rows.jsonl', lines(row));
    const { facts, refusals } = await importAll();
    expect(refusals).toEqual([]);
    expect(facts).toEqual([expect.objectContaining({ evidence: [], ...expected })]);
  });

  const bad: [string, unknown, string][] = [
    ['no object', 7, 'BAD_SHAPE line 1: a row must be an object'],
    ['an unknown form', { q: 1 }, 'UNKNOWN_FORM line 1: has the members "q"'],
    ['a missing member', { messages: [{ role: 'user' }] }, 'BAD_SHAPE line 1: "messages.0.content" must be a string'],
    ['a number as text', { instruction: 1, output: 'a' }, 'BAD_SHAPE line 1: "instruction" must be a string'],
    ['a tool', { messages: [...said('q', 'a'), { role: 'tool', content: '1' }] }, 'TOOL_ROLE line 1: message 3'],
    [
      'a call of a tool',
      {
        messages: [
          { role: 'user', content: 'q' },
          { role: 'assistant', content: 'a', tool_calls: [{}] },
        ],
      },
      'BAD_SHAPE line 1: "messages.1.tool_calls" is not supported',
    ],
    ['a strange role', { conversations: [{ from: 'bing', value: 'a' }] }, 'UNKNOWN_ROLE line 1: message 1'],
    ['an answer first', { messages: said('q', 'a').reverse() }, 'BAD_ORDER line 1: roles must alternate'],
    ['a question last', { messages: said('q', 'a').slice(0, 1) }, 'BAD_ORDER line 1: roles must alternate'],
    ['two questions', { messages: [...said('q', 'a').slice(0, 1), ...said('q', 'a')] }, 'BAD_ORDER'],
    ['a late system prompt', { messages: [...said('q', 'a'), { role: 'system', content: 's' }] }, 'BAD_ORDER'],
    ['no message', { messages: [] }, 'BAD_ORDER line 1: roles must alternate from user to assistant: there is no'],
    ['a blank answer', { prompt: 'q', completion: ' \n' }, 'EMPTY_TEXT line 1: message 2 is empty'],
    [
      'one right answer where a list is asked for',
      { prompt: 'q', completion: 'a', references: 'b' },
      'BAD_SHAPE line 1: "references" must be a list of at most 16 strings',
    ],
    ['references of another kind', { prompt: 'q', completion: 'a', references: [{ url: 'u' }] }, 'BAD_SHAPE line 1'],
    ['too many right answers', { prompt: 'q', completion: 'a', references: Array(17).fill('b') }, 'BAD_SHAPE line 1'],
    ['a blank right answer', { prompt: 'q', completion: 'a', references: ['b', ' '] }, 'EMPTY_TEXT line 1: one of'],
    ['half a character', { prompt: 'q', completion: '\ud800' }, 'BAD_ENCODING line 1: message 2'],
  ];
  test.each(bad)('%s is rejected with its line', async (_, row, expected) => {
    await write('rows.jsonl', lines(row, { prompt: 'q', completion: 'a' }));
    const { facts, told, refusals } = await importAll();
    expect(facts).toHaveLength(1);
    expect(told).toEqual([expect.stringContaining(expected)]);
    expect(refusals[0]).toMatchObject({ stage: 'import', row });
  });

  test('a named form is held to', async () => {
    await write('rows.jsonl', lines({ prompt: 'q', completion: 'a' }));
    const { told } = await importAll({ format: 'alpaca' });
    expect(told).toEqual([expect.stringContaining('BAD_SHAPE line 1: "instruction" must be a string')]);
  });

  test('rows with the same opening are one group, however many turns of it they have', async () => {
    const turns = [said('How?', 'a'), said('And then?', 'b'), said('Why?', 'c')];
    const cut = turns.map((_, index) => ({ messages: turns.slice(0, index + 1).flat() }));
    await write('rows.jsonl', lines(...cut, { prompt: 'how', completion: 'a' }, { prompt: 'Other?', completion: 'a' }));
    const groups = (await importAll({ historyTurns: 0 })).facts.map(({ heading }) => heading[1]);
    expect(new Set(groups.slice(0, 4)).size).toBe(1);
    expect(groups[4]).not.toBe(groups[0]);
  });

  test('historyTurns keeps the latest turns', async () => {
    await write('rows.jsonl', lines({ messages: [...said('1', 'a'), ...said('2', 'b'), ...said('3', 'c')] }));
    const answers = async (historyTurns: number) =>
      (await importAll({ historyTurns })).facts.map(({ earlier = [], questions }) => [
        ...earlier.map(({ question }) => question),
        ...questions,
      ]);
    expect(await answers(0)).toEqual([['3']]);
    expect(await answers(1)).toEqual([['2', '3']]);
    expect(await answers(9)).toEqual([['1', '2', '3']]);
  });
});

describe('files', () => {
  test('arrays, tables and packed files are read; each file is a document', async () => {
    await write(
      'a.json',
      `\ufeff[\n${JSON.stringify({ prompt: 'a [1]', completion: '"\\"]' })},\n {"broken": },{}\n]\n`,
    );
    await write('b.jsonl.gz', gzipSync(lines({ prompt: 'b', completion: 'x\u2028y' })));
    await write('c.csv', 'instruction,output\n"c, ""d""","two\nlines"\nshort\n"e",f\n');
    await write('notes.txt', 'hello');
    await write('dataset_info.json', '{}');
    const { facts, told, imported } = await importAll();
    expect(facts.map(({ questions, answer }) => [questions[0], answer])).toEqual([
      ['a [1]', '"\\"]'],
      ['b', 'x\u2028y'],
      ['c, "d"', 'two\nlines'],
      ['e', 'f'],
    ]);
    expect(told).toEqual([
      expect.stringContaining('BAD_JSON item 2'),
      expect.stringContaining('UNKNOWN_FORM item 3'),
      expect.stringContaining('BAD_CSV line 4'),
      expect.stringContaining('UNKNOWN_FILE the file is not named .jsonl'),
    ]);
    expect(imported.corpus.documents.map(({ path }) => path)).toEqual(['a.json', 'b.jsonl.gz', 'c.csv', 'notes.txt']);
    expect(imported.failedFiles).toBe(1);
  });

  test('lines: line ends of Windows, blank lines, no last line end, broken JSON and bytes', async () => {
    const broken = Buffer.concat([Buffer.from('{"prompt":"'), Buffer.from([0xff]), Buffer.from('"}\n')]);
    const row = JSON.stringify({ prompt: 'q', completion: 'a' });
    await write('rows.jsonl', Buffer.concat([Buffer.from(`${row}\r\n\r\n{]\n`), broken, Buffer.from(row)]));
    const { facts, told } = await importAll();
    expect(facts).toHaveLength(2);
    expect(told).toEqual([expect.stringContaining('BAD_JSON line 3'), expect.stringContaining('BAD_ENCODING line 4')]);
  });

  test('a row of a hundred thousand brackets is rejected alone', async () => {
    const deep = `{"prompt":${'['.repeat(100_000)}${']'.repeat(100_000)},"completion":"a"}`;
    await write('rows.jsonl', `${deep}\n${lines({ prompt: 'q', completion: 'a' })}`);
    const { facts, told } = await importAll();
    expect(facts).toHaveLength(1);
    expect(told).toEqual([expect.stringContaining('BAD_SHAPE line 1: "prompt')]);
  });

  const limits = { rowBytes: 200, fileBytes: 4000, packedRatio: 10, bombBytes: 1000 };
  const small = { prompt: 'q', completion: 'a' };
  const big = { prompt: 'q', completion: 'a'.repeat(300) };
  const troubles: [string, string, string | Buffer, string][] = [
    ['a large row', 'a.jsonl', lines(small, big, small), 'ROW_TOO_LARGE line 2'],
    ['a large item', 'a.json', JSON.stringify([small, big, small]), 'ROW_TOO_LARGE item 2'],
    ['a large file', 'a.jsonl', lines(small, ...Array<object>(200).fill(small)), 'FILE_TOO_LARGE the file is larger'],
    ['a bomb', 'a.jsonl.gz', gzipSync(lines(small) + ' '.repeat(3000)), 'BOMB the file unpacks to more than 10 times'],
    [
      'half a packed file',
      'a.jsonl.gz',
      gzipSync(lines(small, small)).subarray(0, 30),
      'BAD_FILE the file is no complete',
    ],
    ['text named .gz', 'a.jsonl.gz', 'hello', 'BAD_FILE the file is no complete gzip file'],
    ['half an array', 'a.json', JSON.stringify([small, small]).slice(0, -4), 'BAD_JSON the file ends within its array'],
    ['two arrays', 'a.json', '[] []', 'BAD_JSON the file goes on after the end'],
    ['UTF-16', 'a.json', Buffer.from('\ufeff[]', 'utf16le'), 'BAD_ENCODING the file is UTF-16'],
    [
      'a table in another encoding',
      'a.csv',
      Buffer.from('prompt,completion\nä,ö\n', 'latin1'),
      'BAD_ENCODING the file',
    ],
  ];
  test.each(troubles)('%s has its own reason', async (_, name, content, expected) => {
    await write(name, content);
    const { told } = await importAll({}, limits);
    expect(told).toEqual([expect.stringContaining(expected)]);
  });

  test('links are followed as a ConfigMap makes them, and no further', async () => {
    const secret = await mkdtemp(join(tmpdir(), 'secret-'));
    await writeFile(join(secret, 'rows.jsonl'), lines({ prompt: 'stolen', completion: 'a' }));
    await mkdir(join(folder, '..2026_11_22'));
    await writeFile(join(folder, '..2026_11_22', 'rows.jsonl'), lines({ prompt: 'q', completion: 'a' }));
    await symlink('..2026_11_22', join(folder, '..data'));
    await symlink('..data/rows.jsonl', join(folder, 'rows.jsonl'));
    await symlink(join(secret, 'rows.jsonl'), join(folder, 'stolen.jsonl'));
    const { facts, told } = await importAll();
    await rm(secret, { recursive: true });
    expect(facts.map(({ questions }) => questions[0])).toEqual(['q']);
    expect(told).toEqual([expect.stringContaining('LINK the file is a link that leaves the folder')]);
  });

  test('no folder and no file name the field', async () => {
    await expect(importAll()).rejects.toMatchObject({ reason: 'NoRows' });
    await expect(importAll({ path: join(folder, 'none') })).rejects.toMatchObject({ reason: 'PathNotFound' });
  });

  test('units hold 500 rows each, and together all of them in order', async () => {
    await write('a.jsonl', lines(...Array.from({ length: 1203 }, (_, i) => ({ prompt: `q${i}`, completion: 'a' }))));
    const { imported, facts } = await importAll();
    expect(imported.generator.units.map(({ rowsPlanned }) => rowsPlanned)).toEqual([500, 500, 203]);
    expect(facts.map(({ questions }) => questions[0])).toEqual(Array.from({ length: 1203 }, (_, i) => `q${i}`));
  });
});

const phrase = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => text.trim() !== '');
const turn = fc.record({ question: phrase, answer: phrase });
const conversation = fc
  .record({ system: fc.option(phrase, { nil: undefined }), turns: fc.array(turn, { minLength: 1, maxLength: 4 }) })
  .map(({ system, turns }): Row['messages'] => [
    ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
    ...turns.flatMap(({ question, answer }) => [
      { role: 'user' as const, content: question },
      { role: 'assistant' as const, content: answer },
    ]),
  ]);

test.each(['alpaca', 'sharegpt', 'promptCompletion', 'messages'] as const)(
  '[T37] rows written as %s are the same messages when they are imported',
  async (format) => {
    await fc.assert(
      fc.asyncProperty(fc.array(conversation, { minLength: 1, maxLength: 5 }), async (all) => {
        const target = await mkdtemp(join(folder, 'x'));
        const writer = openFormats(target, [format], { name: 'x' });
        const rows = all.map((messages) => ({ messages, split: 'train' }) as Row);
        for (const row of rows) await writer.write(row);
        await writer.close();
        if (format === 'messages') await writeFile(join(target, 'train.jsonl'), lines(...rows));
        const { facts, refusals } = await importAll({ path: target, format });
        expect(refusals).toEqual([]);
        expect(facts.map((fact) => messagesOf(fact, fact.questions[0]!))).toEqual(all);
      }),
      { numRuns: 25 },
    );
  },
);

/** Written in two pieces, so that no scanner of this repository takes it for real. */
const planted = ['AKIA', 'QYLPMN5HHHFPZAM2'].join('');

describe('[T5] [T41] secrets and personal data in rows of others', () => {
  const rows = lines(
    ...Array.from({ length: 150 }, (_, index) => ({ prompt: `question ${index}?`, completion: `answer ${index}` })),
    { prompt: 'Which key?', completion: `Use ${planted}.` },
    { messages: [{ role: 'system', content: 'Mail jane.roe@acme-corp.io.' }, ...said('Whom do I ask?', 'The owner.')] },
    { prompt: `broken ${planted}` },
    `${planted} is no JSON object`,
  );

  test('are taken out, in bad rows too, and the kinds are counted', async () => {
    await write('rows.jsonl', `${rows}{"prompt": ${planted}\n`);
    const { facts, refusals, imported } = await importAll();
    expect(JSON.stringify([facts, refusals])).not.toContain(planted);
    expect(JSON.stringify(facts)).not.toContain('jane.roe');
    expect(facts).toHaveLength(152);
    expect(facts[0]).toMatchObject({ questions: ['question 0?'], answer: 'answer 0' });
    expect(facts[150]).toMatchObject({ answer: 'Use [redacted:aws-access-key].' });
    expect(facts[151]).toMatchObject({ system: 'Mail [redacted:email].' });
    expect(imported.files[0]?.redactions).toMatchObject({ email: 1 });
    expect(imported.files[0]?.redactions['aws-access-key']).toBeGreaterThanOrEqual(3);
  });

  test('Skip leaves out the row, Off takes it as it is', async () => {
    await write('rows.jsonl', rows);
    const skipped = await importAll({ screening: { secrets: 'Skip', personalData: 'Off' } });
    expect(skipped.facts).toHaveLength(151);
    expect(skipped.told).toContainEqual(
      expect.stringContaining('SECRET line 151: it holds what looks like aws-access-key'),
    );
    expect(JSON.stringify([skipped.facts, skipped.refusals])).not.toContain(planted);
    expect(JSON.stringify(skipped.facts)).toContain('jane.roe');
    const off = await importAll({ screening: { secrets: 'Off', personalData: 'Off' } });
    expect(off.facts[150]).toMatchObject({ answer: `Use ${planted}.` });
  });
});
