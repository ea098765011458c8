import { expect, test } from 'vitest';
import { createNearDuplicates } from './near-duplicates.ts';
import { shingles } from './features.ts';
import { createSets, similarity } from './sets.ts';
import { randomOf, pick } from './testdata/random.ts';

const random = randomOf(3);
const letters = Array.from({ length: 400 }, (_, index) => `w${index}`);
const text = (length: number): string[] => Array.from({ length }, () => pick(letters, random));

test('long texts that differ in a few words are found, others are not', () => {
  const finder = createNearDuplicates({ threshold: 0.8 });
  const originals = Array.from({ length: 300 }, () => text(300));
  for (const words of originals) finder.add(words.join(' '));
  // three changed words alter 15 of 296 groups of five: 0.9
  for (const words of originals.slice(0, 100)) finder.add(words.with(10, 'x').with(120, 'y').with(250, 'z').join(' '));
  // thirty changed words alter nearly half of them
  for (const words of originals.slice(100, 200))
    finder.add(words.map((word, index) => (index % 10 === 0 ? 'x' : word)).join(' '));
  const pairs = finder.finish().map(({ kept, dropped }) => [kept, ...dropped.map(({ id }) => id)]);
  expect(pairs).toEqual(Array.from({ length: 100 }, (_, index) => [index, index + 300]));
});

test('Chinese is compared by characters', () => {
  const finder = createNearDuplicates({ threshold: 0.7 });
  const sentence = '服务器启动之后会监听一个端口，客户端通过这个端口发送请求并等待响应，超时之后连接会被关闭。';
  for (const entry of [sentence, sentence.replace('，', '，然后'), Array.from(sentence).reverse().join('')])
    finder.add(entry);
  expect(finder.finish()).toMatchObject([{ kept: 0, dropped: [{ id: 1, by: 'text' }] }]);
});

test('the similarity of short texts is exact, that of long ones a good estimate', () => {
  const [a, b] = [text(600), text(600)];
  const mixed = [...a.slice(0, 400), ...b.slice(0, 200)];
  const exact = (left: number[], right: number[]): number => {
    const [x, y] = [new Set(left), new Set(right)];
    return [...x].filter((entry) => y.has(entry)).length / new Set([...x, ...y]).size;
  };
  for (const [limit, tolerance] of [
    [10_000, 0],
    [128, 0.1],
  ] as const) {
    const sets = createSets(limit);
    for (const words of [a, mixed]) sets.add(shingles(words.join(' ')));
    const expected = exact(shingles(a.join(' ')), shingles(mixed.join(' ')));
    expect(Math.abs(similarity(sets.at(0), sets.at(1), limit) - expected)).toBeLessThanOrEqual(tolerance);
  }
});

test('empty texts are alike nothing', () => {
  const finder = createNearDuplicates({ threshold: 0.8 });
  for (const entry of ['', '—', '']) finder.add(entry);
  expect(finder.finish()).toEqual([]);
});
