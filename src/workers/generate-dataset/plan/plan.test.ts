import fc from 'fast-check';
import { expect, test } from 'vitest';
import { corpusOf } from '../../../../tests/builders/corpus.ts';
import { isRefusing } from '../checks/draft.ts';
import type { Corpus } from '../corpus.ts';
import { featuresOf, suits } from './features.ts';
import { drawTasks } from './draw.ts';
import { mixOf } from './mix.ts';
import { hashedSide } from '../split/side.ts';
import { planUnits, type Plan, type PlanInput } from './plan.ts';
import { profileChunks, proseLanguage } from './profile.ts';
import { chooseChunks } from './quota.ts';
import { writableTasks, type WritableTask } from '../prompts/catalog.ts';

const split = { train: 0.8, validation: 0.1, test: 0.1, recall: 0.2, seed: 42, groupBy: 'Document' } as const;
const input: PlanInput = {
  tasks: [],
  language: 'Document',
  personas: [],
  rows: { max: 10_000, perChunk: 4, wordings: 3 },
  split,
  maxShownTokens: 20_000,
};

const words =
  'server listens port request reply plugin route schema error option value default stream socket cluster'.split(' ');
const prose = (seed: number, sentences: number): string =>
  Array.from({ length: sentences }, (_, at) => {
    const pick = (step: number): string => words[(seed * 7 + at * 3 + step * 5) % words.length] ?? '';
    return `The ${pick(1)} of the ${pick(2)} uses a ${pick(3)} number ${seed * 100 + at} for each ${pick(4)}.`;
  }).join(' ');
const page = (seed: number, sections: number): string =>
  `# Page ${seed}\n\n${Array.from({ length: sections }, (_, at) => `## Part ${at}\n\n${prose(seed + at, 8)}`).join('\n\n')}\n`;
const files = (pages: number, sections = 4): Record<string, string> =>
  Object.fromEntries(Array.from({ length: pages }, (_, at) => [`page-${at}.md`, page(at, sections)]));

async function planOf(corpus: Corpus, changes: Partial<PlanInput> = {}): Promise<Plan> {
  const own = { ...input, ...changes };
  return planUnits(corpus, await profileChunks(corpus, chooseChunks(corpus, own).chosen), own);
}
test('[T11] each usable chunk is asked about, or the reason why not is known', async () => {
  const corpus = await corpusOf(files(20), { maxTokens: 300, targetTokens: 200 });
  const usable = corpus.chunks.filter(({ skip }) => skip === undefined);
  const { chosen, left } = chooseChunks(corpus, { ...input, rows: { ...input.rows, max: 60 } });
  expect(new Set([...chosen.map(({ chunk }) => chunk), ...left]).size).toBe(usable.length);
  expect(left.length).toBeGreaterThan(0);
  const { units, unsuitable } = await planOf(corpus, { tasks: [{ type: 'codeExplain', weight: 1 }] });
  expect(units).toHaveLength(0);
  expect(unsuitable).toHaveLength(usable.length);
  const broad = await planOf(corpus);
  expect(new Set(broad.units.map(({ chunks }) => chunks[0])).size).toBe(usable.length);
});

test('what is planned fits rows.max, comes from all documents, and no chunk gives more than its share', async () => {
  const corpus = await corpusOf(files(20), { maxTokens: 300, targetTokens: 200 });
  const { units } = await planOf(corpus, { rows: { max: 90, perChunk: 2, wordings: 3 } });
  const facts = units.reduce((sum, unit) => sum + unit.facts, 0);
  // 24 facts are trained in three wordings and 18 held back in one, half as many again as a reserve
  expect(facts).toBeGreaterThanOrEqual(63);
  expect(facts).toBeLessThan(67);
  expect(new Set(units.map(({ chunks }) => corpus.chunks[chunks[0] ?? -1]?.document)).size).toBe(20);
  for (const [, own] of Map.groupBy(units, ({ chunks }) => chunks[0]))
    expect(own.reduce((sum, unit) => sum + unit.facts, 0)).toBeLessThanOrEqual(2);
});

test('skipped chunks get nothing, and larger chunks more than smaller ones', async () => {
  const corpus = await corpusOf({ 'a.md': `# A\n\n${prose(1, 2)}\n`, 'b.md': `# B\n\n${prose(2, 30)}\n` });
  const [a, b] = corpus.chunks;
  const { chosen } = chooseChunks({ ...corpus, chunksOf: (document) => corpus.chunksOf(document) }, input);
  const quota = (index: number | undefined) => chosen.find(({ chunk }) => chunk.index === index)?.quota ?? 0;
  expect(quota(a?.index)).toBe(1);
  expect(quota(b?.index)).toBeGreaterThan(2);
  const skipped = { ...corpus, chunksOf: () => corpus.chunks.map((chunk) => ({ ...chunk, skip: 'NAVIGATION' })) };
  expect(chooseChunks(skipped, input).chosen).toEqual([]);
});

test('[T12] between 5 and 10 % of what is asked has no straight answer, whatever else suits', () => {
  const mix = mixOf({ tasks: [] });
  for (const text of [prose(1, 8), `${prose(1, 8)}\n\n\`\`\`js\nlisten();\n\`\`\`\n\n- a\n- b\n- c\n`]) {
    const suitable = writableTasks.filter((task) => suits(task, featuresOf(text)));
    const drawn = Array.from({ length: 3000 }, (_, at) =>
      drawTasks({ seed: 1, digest: String(at), slots: (at % 4) + 1, suitable, mix }),
    );
    const all = drawn.flat();
    const share = all.filter(isRefusing).length / all.length;
    expect(share).toBeGreaterThan(0.05);
    expect(share).toBeLessThan(0.1);
    // a chunk with several facts has a straight one among them
    expect(drawn.filter((tasks) => tasks.length > 1 && tasks.every(isRefusing))).toEqual([]);
    for (const task of suitable) expect(all).toContain(task);
  }
});

test('as many tasks are drawn as there are slots, all of them suitable, the same ones each time', () => {
  fc.assert(
    fc.property(
      fc.subarray([...writableTasks], { minLength: 1 }),
      fc.subarray([...writableTasks]),
      fc.integer({ min: 1, max: 8 }),
      fc.string(),
      (given, suitable, slots, digest) => {
        const mix = given.map((type) => ({ type, weight: 1 }));
        const drawn = drawTasks({ seed: 1, digest, slots, suitable, mix });
        expect(drawTasks({ seed: 1, digest, slots, suitable, mix })).toEqual(drawn);
        const able = given.filter((task) => suitable.includes(task));
        for (const task of drawn) expect(able).toContain(task);
        expect(drawn).toHaveLength(able.length === 0 ? 0 : slots);
      },
    ),
  );
});

test.each<[string, string, WritableTask[], WritableTask[]]>([
  ['code', 'Use it so:\n\n```js\nlisten();\n```\n', ['codeGeneration', 'codeExplain', 'howTo'], ['config']],
  ['a configuration', 'An example:\n\n```yaml\na: 1\n```\n', ['config'], ['codeGeneration']],
  ['errors', 'It throws an error when the port is taken.', ['debug'], ['codeGeneration', 'config']],
  ['a table', '| a | b |\n| - | - |\n| 1 | 2 |\n', ['comparison'], ['debug', 'codeExplain']],
  ['a short line', 'Ports are numbers.', ['factual', 'instruction'], ['summary', 'reasoning', 'multiTurn', 'explain']],
  ['Chinese trouble', '端口被占用时会抛出异常，并报告错误的原因。', ['debug', 'factual'], ['codeGeneration']],
])('%s suits some tasks and not others', (_, text, yes, no) => {
  const features = featuresOf(text);
  expect(yes.filter((task) => !suits(task, features))).toEqual([]);
  expect(no.filter((task) => suits(task, features))).toEqual([]);
});

test('tasks over several chunks take in a neighbour, a part of another document, or a long run', async () => {
  const linked = (name: string) =>
    `# ${name}\n\nThe \`acmeRetries\` and \`acmeJitter\` settings belong together. ${prose(3, 8)}\n`;
  const corpus = await corpusOf(
    { ...files(2, 30), 'x.md': linked('X'), 'y.md': linked('Y') },
    { targetTokens: 200, maxTokens: 300 },
  );
  const only = (type: WritableTask) => planOf(corpus, { tasks: [{ type, weight: 1 }], split: { ...split, train: 1 } });
  const hops = (await only('multiHop')).units;
  expect(hops.length).toBeGreaterThan(10);
  for (const { shown } of hops) expect(Math.abs((shown[0] ?? 0) - (shown[1] ?? 0))).toBe(1);
  const across = (await only('crossDocument')).units;
  const pathOf = (index: number) => corpus.documents[corpus.chunks[index]?.document ?? -1]?.path;
  const pairs = across.map(({ shown }) => shown.map(pathOf).join(' with '));
  expect(pairs.sort()).toEqual(['x.md with y.md', 'y.md with x.md']);
  const long = (await only('longContext')).units;
  expect(long.length).toBeGreaterThan(5);
  for (const { shown } of long) {
    const tokens = shown.reduce((sum, index) => sum + (corpus.chunks[index]?.tokens ?? 0), 0);
    expect(tokens).toBeGreaterThanOrEqual(1500);
    expect(tokens).toBeLessThanOrEqual(8000);
  }
});

test('[T32] what is shown together lies on one side of the split: by section, and where the version before moved it', async () => {
  const linked = (name: string) =>
    `# ${name}\n\nThe \`acmeRetries\` and \`acmeJitter\` settings belong together. ${prose(3, 8)}\n`;
  const corpus = await corpusOf(
    { ...files(2, 40), 'x.md': linked('X'), 'y.md': linked('Y') },
    { targetTokens: 200, maxTokens: 300 },
  );
  const even = { ...split, train: 0.6, validation: 0.2, test: 0.2, groupBy: 'Section' as const };
  const key = (index: number): string => {
    const { document = -1, heading = [] } = corpus.chunks[index] ?? {};
    const { source, path } = corpus.documents[document]!;
    return `${source}/${path}#${heading.slice(0, 2).join('/')}`;
  };
  const only = (type: WritableTask, changes: Partial<PlanInput>) =>
    planOf(corpus, { tasks: [{ type, weight: 1 }], split: even, ...changes });
  for (const task of ['multiHop', 'longContext', 'crossDocument'] as const) {
    const { units } = await only(task, { split: { ...even, train: 1, validation: 0, test: 0 } });
    const crossing = units.filter(({ shown }) => new Set(shown.map((index) => hashedSide(key(index), even))).size > 1);
    if (task !== 'crossDocument') expect(crossing.length, task).toBeGreaterThan(0);
    const kept = (await only(task, {})).units;
    for (const { shown } of kept)
      expect(new Set(shown.map((index) => hashedSide(key(index), even))).size, task).toBe(1);
  }
  // x.md and y.md are partners until the version before has moved one of them
  const all = { split: { ...split, train: 1 } };
  const documentKey = (path: string): string => `${corpus.documents[0]!.source}/${path}`;
  expect((await only('crossDocument', all)).units.length).toBe(2);
  const pins = { by: 'Document' as const, moved: { [documentKey('y.md')]: 'test' as const } };
  expect((await only('crossDocument', { ...all, pins })).units).toEqual([]);
});

test('[T32] fewer than three documents are planned by section, as they will be split', async () => {
  const corpus = await corpusOf(files(1, 60), { targetTokens: 200, maxTokens: 300 });
  const even = { ...split, train: 0.6, validation: 0.2, test: 0.2 };
  const { units, sideOf } = await planOf(corpus, { tasks: [{ type: 'multiHop', weight: 1 }], split: even });
  expect(units.length).toBeGreaterThan(0);
  expect(new Set(corpus.chunks.map(({ index }) => sideOf(index))).size).toBe(3);
  for (const { shown } of units) expect(new Set(shown.map(sideOf)).size).toBe(1);
});

test('rows may be in the language of the document, in one language, or in both', async () => {
  const corpus = await corpusOf({
    ...files(4),
    'z.md': `# 服务器\n\n${'服务器在指定的端口监听请求，并把结果返回给调用者。'.repeat(8)}\n`,
  });
  const languages = async (language: PlanInput['language']) =>
    new Set((await planOf(corpus, { language })).units.map((unit) => unit.language));
  expect((await planOf(corpus)).units.filter(({ language }) => language === 'zh').length).toBeGreaterThan(0);
  expect(await languages('en')).toEqual(new Set(['en']));
  expect(await languages('zh')).toEqual(new Set(['zh']));
  expect(await languages('Both')).toEqual(new Set(['zh', 'en']));
});

test('[T24] a document that changes leaves the units of the others as they are', async () => {
  const before = await planOf(await corpusOf(files(20)));
  const after = await planOf(await corpusOf({ ...files(20), 'page-7.md': page(77, 5) }));
  const asked = ({ units }: Plan) =>
    units.map(({ id, tasks, persona, facts }) => JSON.stringify([id, tasks, persona, facts]));
  const known = new Set(asked(before));
  const fresh = asked(after).filter((unit) => !known.has(unit));
  const own = asked(after).length - asked(before).filter((unit) => asked(after).includes(unit)).length;
  expect(fresh.length).toBe(own);
  // page 7 of 20 has a twentieth of the chunks, and is now a quarter larger
  expect(fresh.length).toBeLessThanOrEqual(Math.ceil((asked(after).length / 20) * 1.6));
  expect(fresh.length).toBeGreaterThan(0);
});

test('personas are taken in turns by hash; those of the user replace the built-in ones', async () => {
  const corpus = await corpusOf(files(20));
  expect(new Set((await planOf(corpus)).units.map(({ persona }) => persona)).size).toBeGreaterThan(4);
  const own = await planOf(corpus, { personas: ['an auditor'] });
  expect(new Set(own.units.map(({ persona }) => persona))).toEqual(new Set(['an auditor']));
});

test.each([
  ['服务器在端口上监听。\n\n```js\nconst server = createServer({ port: 3000 }).listen();\n```\n', 'zh'],
  ['`createServer` 的参数见 https://example.org/a/long/address/of/a/page 一页', 'zh'],
  ['The server listens on a port. 服务器', 'en'],
  ['```\n服务器\n```\nOnly code.', 'en'],
])('the language of %j is that of its prose', (text, expected) => {
  expect(proseLanguage(text)).toBe(expected);
});
