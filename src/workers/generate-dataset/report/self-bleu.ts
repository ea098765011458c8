import { gramsOf } from './words.ts';

const order = 4;
/** stands for no match at all, so that one missing order does not make the whole zero */
const epsilon = 0.1;

/** The two largest counts of an n-gram in one text, and which text has the largest. */
interface Best {
  owner: number;
  count: number;
  second: number;
}

/**
 * Mean BLEU-4 of each text against all the others: 1 if all are alike, near 0 if they share nothing. Counts are clipped
 * by the best other text; the two best counts of each n-gram tell that without comparing each pair.
 */
export function selfBleu(texts: readonly (readonly string[])[]): number | null {
  const own = texts.filter((words) => words.length > 0);
  if (own.length < 2) return null;
  const lengths = own.map(({ length }) => length).sort((a, b) => a - b);
  const logs = own.map(() => ({ sum: 0, orders: 0 }));
  for (let size = 1; size <= order; size += 1) addOrder(own, size, logs);
  const scores = logs.map(({ sum, orders }, index) => {
    const length = own[index]?.length ?? 0;
    return Math.exp(sum / orders) * brevity(length, closest(lengths, length));
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

function addOrder(texts: readonly (readonly string[])[], size: number, logs: { sum: number; orders: number }[]): void {
  const counted = texts.map((words) => countGrams(words, size));
  const best = bestCounts(counted);
  for (const [index, grams] of counted.entries()) {
    const log = logs[index];
    const total = (texts[index]?.length ?? 0) - size + 1;
    if (log === undefined || total <= 0) continue;
    let matches = 0;
    for (const [gram, count] of grams) {
      const { owner, count: most, second } = best.get(gram) ?? { owner: -1, count: 0, second: 0 };
      matches += Math.min(count, owner === index ? second : most);
    }
    log.sum += Math.log(Math.max(matches, epsilon) / total);
    log.orders += 1;
  }
}

function countGrams(words: readonly string[], size: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const gram of gramsOf(words, size)) counts.set(gram, (counts.get(gram) ?? 0) + 1);
  return counts;
}

function bestCounts(counted: readonly ReadonlyMap<string, number>[]): Map<string, Best> {
  const best = new Map<string, Best>();
  for (const [owner, grams] of counted.entries()) {
    for (const [gram, count] of grams) {
      const known = best.get(gram) ?? { owner: -1, count: 0, second: 0 };
      if (count > known.count) best.set(gram, { owner, count, second: known.count });
      else best.set(gram, { ...known, second: Math.max(known.second, count) });
    }
  }
  return best;
}

/** the length nearest to that of the text, in another text */
function closest(sorted: readonly number[], length: number): number {
  const others = [...sorted];
  others.splice(others.indexOf(length), 1);
  return others.reduce((near, other) => (Math.abs(other - length) < Math.abs(near - length) ? other : near), Infinity);
}

const brevity = (length: number, reference: number): number =>
  length >= reference ? 1 : Math.exp(1 - reference / length);
