import { z } from 'zod';
import data from './benchmarks.json' with { type: 'json' };

/** Hashes of the items of a public benchmark; its texts are not shipped. */
export interface PublicBenchmark {
  name: string;
  source: string;
  licence: string;
  /** of the file that the items were read from, unpacked */
  sha256: string;
  items: { total: number; grams: number[] }[];
}

/** groups of words remembered of one item */
export const gramsOfItem = 8;

const schema = z.array(
  z.strictObject({
    name: z.string(),
    source: z.string(),
    licence: z.string(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    /** for each item the number of its groups, then up to eight of them: hexadecimal, parted by blanks */
    items: z.array(z.string()),
  }),
);

function readItem(line: string): PublicBenchmark['items'][number] {
  const [total = '0', ...grams] = line.split(' ');
  return { total: Number(total), grams: grams.map((gram) => Number.parseInt(gram, 16)) };
}

export const readBenchmarks = (value: unknown): PublicBenchmark[] =>
  schema.parse(value).map((benchmark) => ({ ...benchmark, items: benchmark.items.map(readItem) }));

/** What can be recognised: HumanEval. Others are added by `node scripts/hash-benchmark.ts`. */
export const publicBenchmarks: readonly PublicBenchmark[] = readBenchmarks(data);
