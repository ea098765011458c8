import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createRowDuplicates, type RowText } from './row-duplicates.ts';
import { plantedRows, scoreOf } from './testdata/planted.ts';

// properties take a second each, and many on a machine that is busy
vi.setConfig({ testTimeout: 60_000 });

const thresholds = { question: 0.8, row: 0.9 };
function find(rows: readonly Omit<RowText, 'score'>[], scores: readonly number[] = []) {
  const finder = createRowDuplicates(thresholds);
  for (const [index, row] of rows.entries()) finder.add({ ...row, score: scores[index] ?? 0 });
  return finder.finish();
}
const areDuplicates = (a: [string, string], b: [string, string]): boolean =>
  find([a, b].map(([question, answer]) => ({ question, answer }))).length === 1;

test('[T29] 200 near-duplicates planted in 1000 rows, English and Chinese: recall >= .95, precision >= .98', () => {
  for (const seed of [1, 2, 3]) {
    const planted = plantedRows(1000, 200, seed);
    const { recall, precision } = scoreOf(planted, find(planted.rows));
    expect(recall).toBeGreaterThanOrEqual(0.95);
    expect(precision).toBeGreaterThanOrEqual(0.98);
  }
});

describe('[T29] the same question in other words', () => {
  const answer = 'Set `logger: true` in the options of the server. It writes JSON to the standard output.';
  const chinese = '在选项中设置 `logger: true`，日志会以 JSON 格式写到标准输出。';
  test.each([
    ['How do I turn on logging in Fastify?', 'how do i turn on logging in fastify', answer],
    [
      'How do I turn on logging in Fastify?',
      'Could you please tell me how I turn on logging in Fastify? Thanks!',
      answer,
    ],
    ['How do I turn on logging in Fastify?', 'In Fastify, how do I turn on loging?', answer],
    ['Fastify 怎么打开日志功能？', '请问 Fastify 如何打开日志功能？谢谢', chinese],
    ['Fastify 怎么打开日志功能？', 'Ｆａｓｔｉｆｙ怎么打开日志功能', chinese],
  ])('%s / %s', (a, b, same) => {
    expect(areDuplicates([a, same], [b, same])).toBe(true);
  });
});

describe('[T29] questions that look alike and ask for something else', () => {
  test.each([
    [
      'What does `reply.code()` do in Fastify?',
      'It sets the status code of the reply.',
      'What does `reply.type()` do in Fastify?',
      'It sets the content type of the reply.',
    ],
    [
      'How do I enable logging for all routes?',
      'Set `logger` to true.',
      'How do I disable logging for all routes?',
      'Set `logger` to false.',
    ],
    [
      'What changed in version 4 of the plugin interface?',
      'Callbacks are gone.',
      'What changed in version 5 of the plugin interface?',
      'Callbacks are gone.',
    ],
    [
      'What is the default request timeout of a server?',
      'The request timeout is 0, so a slow client is waited for.',
      'What is the default connection timeout of a server?',
      'The connection timeout is 0, so a slow client is waited for.',
    ],
    [
      '服务器的请求超时默认是多少？',
      '请求超时默认是零，也就是一直等待。',
      '服务器的连接超时默认是多少？',
      '连接超时默认是零，也就是一直等待。',
    ],
    ['What is `oas-fastify`?', 'A plugin for Fastify.', 'What is `fastify-oas`?', 'A plugin for Fastify.'],
    [
      'What does Fastify say about "Streams" (Reply, .send(data))?',
      'If you are sending a stream without a content type, it will be octet-stream.',
      'What does Fastify say about "Buffers" (Reply, .send(data))?',
      'If you are sending a buffer without a content type, it will be octet-stream.',
    ],
    [
      'What is `name` in undici (Fetch, `headers.set(name, value)`)?',
      'The name of the header.',
      'What is `value` in undici (Fetch, `headers.set(name, value)`)?',
      'The value of the header.',
    ],
  ])('%s / %s', (question, answer, other, otherAnswer) => {
    expect(areDuplicates([question, answer], [other, otherAnswer])).toBe(false);
  });
});

test('the row with the highest score stays; of equal ones the first', () => {
  const row = { question: 'How do I turn on logging?', answer: 'Set `logger` to true.' };
  const [first] = find([row, row, row], [1, 3, 3]);
  expect(first).toMatchObject({
    kept: 1,
    dropped: [
      { id: 2, similarity: 1 },
      { id: 0, similarity: 1 },
    ],
  });
});

test('each row is dropped once at the most, and never one that others were dropped for', () => {
  const words = fc.array(fc.constantFrom('port', 'server', 'set', 'how', '端', '口', '?', 'x1'), { maxLength: 12 });
  fc.assert(
    fc.property(fc.array(fc.tuple(words, words), { maxLength: 40 }), (rows) => {
      const clusters = find(
        rows.map(([question, answer]) => ({ question: question.join(' '), answer: answer.join(' ') })),
      );
      const dropped = clusters.flatMap((cluster) => cluster.dropped.map(({ id }) => id));
      expect(new Set(dropped).size).toBe(dropped.length);
      for (const { kept } of clusters) expect(dropped).not.toContain(kept);
    }),
    { numRuns: 100 },
  );
});
