import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Reply } from '../question.ts';
import { openAnswerCache, type AnswerCache } from './open.ts';
import { readRecord, renderRecord } from './record.ts';

const folderOf = (): string => mkdtempSync(join(tmpdir(), 'answers-'));
const keyOf = (name: string): string => createHash('sha256').update(name).digest('hex');
const reply = (content: string): Reply => ({
  content,
  finishReason: 'stop',
  usage: { input: 10, cachedInput: 4, output: 2 },
});
const opened: AnswerCache[] = [];
async function open(folder: string, run = 'run-a'): Promise<AnswerCache> {
  const cache = await openAnswerCache({ folder, run });
  opened.push(cache);
  return cache;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((cache) => cache.close()));
});

const shards = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith('.log'));

/** Leave an answer behind as a killed process does: in a shard of its own, with a sign of life that beats no more. */
function leaveBehind(folder: string, name: string, run = 'run-a'): void {
  const shard = `${String(Date.now()).padStart(14, '0')}-${name.replaceAll(' ', '-')}`;
  const { usage, ...body } = reply(name);
  const head = { key: keyOf(name), run, kind: 'answer', usage } as const;
  writeFileSync(join(folder, `${shard}.log`), renderRecord(head, body));
  const holder = { id: 'x', host: hostname(), pid: 2 ** 22 + 1, isReleased: false };
  writeFileSync(join(folder, `${shard}.alive`), JSON.stringify(holder));
}

describe('answers', () => {
  test('are found again, by the same process and by the next one, and serve every run', async () => {
    const folder = folderOf();
    const first = await open(folder);
    await first.put(keyOf('a'), { ...reply('tab\tline\n\u2028 中文'), reasoning: 'why' }, false);
    const expected = { ...reply('tab\tline\n\u2028 中文'), reasoning: 'why' };
    expect(await first.get(keyOf('a'))).toEqual(expected);
    expect(await first.get(keyOf('b'))).toBeUndefined();
    await first.close();
    for (const run of ['run-a', 'run-b']) {
      const next = await open(folder, run);
      expect(await next.get(keyOf('a'))).toEqual(expected);
      expect(next.paid().requests).toBe(run === 'run-a' ? 1 : 0);
      await next.close();
    }
  });

  test('that are poor serve their own run alone', async () => {
    const folder = folderOf();
    const first = await open(folder);
    await first.put(keyOf('a'), { ...reply('half an an'), finishReason: 'length' }, true);
    await first.close();
    expect(await (await open(folder, 'run-a')).get(keyOf('a'))).toMatchObject({ finishReason: 'length' });
    expect(await (await open(folder, 'run-b')).get(keyOf('a'))).toBeUndefined();
  });

  test('that are poor are asked again when the run has ended without a result and is started again', async () => {
    const folder = folderOf();
    const first = await open(folder);
    await first.put(keyOf('a'), { ...reply(''), finishReason: 'content_filter' }, true);
    await first.put(keyOf('b'), reply('b'), false);
    await first.forgetPoor();
    await first.close();
    const second = await open(folder);
    expect(await second.get(keyOf('a'))).toBeUndefined();
    expect((await second.get(keyOf('b')))?.content).toBe('b');
    expect(second.paid().requests).toBe(2);
    await second.put(keyOf('a'), { ...reply('half'), finishReason: 'length' }, true);
    await second.close();
    expect((await (await open(folder)).get(keyOf('a')))?.content).toBe('half');
  });

  test('of the own run come before those of others, and older ones before newer ones', async () => {
    const folder = folderOf();
    for (const [run, content] of [
      ['run-b', 'of b'],
      ['run-a', 'of a'],
      ['run-c', 'of c'],
    ] as const) {
      const cache = await open(folder, run);
      await cache.put(keyOf('same'), reply(content), false);
      await cache.close();
    }
    const contents = [];
    for (const run of ['run-a', 'run-b', 'run-c', 'run-d'])
      contents.push((await (await open(folder, run)).get(keyOf('same')))?.content);
    expect(contents).toEqual(['of a', 'of b', 'of c', 'of b']);
  });

  test('a run that finds all its answers leaves no file', async () => {
    const folder = folderOf();
    const cache = await open(folder);
    await cache.get(keyOf('a'));
    await cache.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('many at once share few flushes and are all there', async () => {
    const folder = folderOf();
    const cache = await open(folder);
    const names = Array.from({ length: 500 }, (_, index) => `answer ${index}`);
    await Promise.all(names.map((name) => cache.put(keyOf(name), reply(name), false)));
    await cache.close();
    const next = await open(folder);
    for (const name of names) expect((await next.get(keyOf(name)))?.content).toBe(name);
    expect(next.paid()).toMatchObject({ requests: 500, usage: { input: 5000, cachedInput: 2000, output: 1000 } });
    expect(shards(folder)).toHaveLength(1);
  });

  test('two processes write at once and hold each other up in nothing', async () => {
    const folder = folderOf();
    const both = await Promise.all([open(folder, 'run-a'), open(folder, 'run-b')]);
    const names = Array.from({ length: 100 }, (_, index) => `answer ${index}`);
    const put = (cache: AnswerCache, who: string) =>
      names.map((name) => cache.put(keyOf(`${who} ${name}`), reply(`${who} ${name}`), false));
    await Promise.all([...put(both[0], 'a'), ...put(both[1], 'b')]);
    expect(shards(folder)).toHaveLength(2);
    const third = await open(folder, 'run-b');
    expect(third.size).toBe(200);
    expect(third.paid().requests).toBe(100);
    expect((await third.get(keyOf('a answer 7')))?.content).toBe('a answer 7');
  });

  test('what was spent for nothing and what was retried is known to the next process', async () => {
    const folder = folderOf();
    const cache = await open(folder);
    await cache.spend({ input: 5, cachedInput: 0, output: 1 }, 0.25);
    cache.countRetry('empty');
    cache.countRetry('timeout');
    await cache.put(keyOf('a'), reply('a'), false, 0.5);
    cache.countRetry('timeout');
    expect(cache.paid().retries).toEqual({ empty: 1, timeout: 2 });
    await cache.close();
    const paid = (await open(folder)).paid();
    expect(paid).toEqual({
      requests: 2,
      usage: { input: 15, cachedInput: 4, output: 3 },
      cost: 0.75,
      retries: { empty: 1, timeout: 2 },
    });
  });
});

describe('damage', () => {
  test('a torn last line is left out, wherever it was torn', async () => {
    const folder = folderOf();
    const cache = await open(folder);
    for (const name of ['a', 'b']) await cache.put(keyOf(name), reply(name), false);
    await cache.close();
    const path = join(folder, shards(folder)[0]!);
    const whole = readFileSync(path);
    const first = whole.indexOf(10) + 1;
    for (let length = whole.length - 1; length >= first; length -= 17) {
      truncateSync(path, length);
      const torn = await open(folder);
      expect((await torn.get(keyOf('a')))?.content).toBe('a');
      expect(await torn.get(keyOf('b'))).toBeUndefined();
      expect(torn.paid().requests).toBe(1);
      await torn.close();
    }
  });

  test('a line that is not as it was written is left out', async () => {
    const folder = folderOf();
    leaveBehind(folder, 'a');
    const path = join(folder, shards(folder)[0]!);
    writeFileSync(path, readFileSync(path, 'utf8').replace('"content":"a"', '"content":"b"'));
    appendFileSync(path, 'rubbish\n');
    leaveBehind(folder, 'c');
    const cache = await open(folder);
    expect(await cache.get(keyOf('a'))).toBeUndefined();
    expect((await cache.get(keyOf('c')))?.content).toBe('c');
  });

  const nasty = fc.string({ unit: fc.constantFrom('a', '\t', '\n', '\r', '\u2028', '\0', '"', '\\', '中', '😀') });

  test('any record is read as it was written', () => {
    const contents = fc.record({ content: nasty, reasoning: nasty });
    fc.assert(
      fc.property(contents, (body) => {
        const head = {
          key: keyOf('k'),
          run: 'r',
          kind: 'answer',
          usage: { input: 1, cachedInput: 0, output: 1 },
        } as const;
        const line = renderRecord(head, { ...body, finishReason: 'stop' });
        expect(line.indexOf(10)).toBe(line.length - 1);
        expect(readRecord(line.subarray(0, -1))).toEqual({ head, body: { ...body, finishReason: 'stop' } });
      }),
    );
  });
});

describe('compaction', () => {
  test('puts the shards of dead writers together, loses nothing and counts nothing twice', async () => {
    const folder = folderOf();
    for (let index = 0; index < 20; index += 1) leaveBehind(folder, `answer ${index}`);
    const cache = await open(folder);
    expect(shards(folder).length).toBeLessThan(16);
    for (let index = 0; index < 20; index += 1) {
      expect((await cache.get(keyOf(`answer ${index}`)))?.content).toBe(`answer ${index}`);
    }
    expect(cache.paid().requests).toBe(20);
  });

  test('leaves the shard of a living writer alone, and the writer keeps its answers', async () => {
    const folder = folderOf();
    const living = await open(folder, 'run-b');
    await living.put(keyOf('mine'), reply('mine'), false);
    const [own] = shards(folder);
    for (let index = 0; index < 20; index += 1) leaveBehind(folder, `answer ${index}`);
    await open(folder);
    expect(shards(folder)).toContain(own);
    await living.put(keyOf('more'), reply('more'), false);
    expect((await living.get(keyOf('mine')))?.content).toBe('mine');
    await living.close();
    expect((await (await open(folder)).get(keyOf('more')))?.content).toBe('more');
  });

  test('a writer whose shard was taken from it says so, instead of writing where nobody looks', async () => {
    const folder = folderOf();
    const cache = await open(folder);
    await cache.put(keyOf('a'), reply('a'), false);
    rmSync(join(folder, shards(folder)[0]!));
    await expect(cache.put(keyOf('b'), reply('b'), false)).rejects.toThrow('another process has taken');
  });

  test('a copy that was made before a kill counts once', async () => {
    const folder = folderOf();
    leaveBehind(folder, 'a');
    const [name] = shards(folder);
    writeFileSync(join(folder, `9${name!.slice(1)}`), readFileSync(join(folder, name!)));
    const cache = await open(folder);
    expect(cache.paid().requests).toBe(1);
    expect(cache.size).toBe(1);
  });
});
