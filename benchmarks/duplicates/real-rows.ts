import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { plantInto, type Planted } from '../../src/workers/generate-dataset/duplicates/testdata/planted.ts';
import { pick, randomOf } from '../../src/workers/generate-dataset/duplicates/testdata/random.ts';
import type { PlainRow } from '../../src/workers/generate-dataset/duplicates/testdata/rows.ts';
import { fetchSet } from '../data/download.ts';
import { sets } from '../data/sets.ts';

/** Rows with the words of the documentation sets, one in eight of them Chinese, with `copies` changed copies. */
export async function realRows(count: number, copies: number): Promise<Planted> {
  const sentences = await readSentences();
  const random = randomOf(11);
  const rows = new Map<string, PlainRow>();
  while (rows.size < count - copies) {
    const language = random() < 0.125 ? 'zh' : 'en';
    const row = rowOf(sentences[language], language, random);
    rows.set(row.question, row);
  }
  return plantInto([...rows.values()], copies, 13);
}

const forms = {
  en: [
    ['Why does', 'when', '?'],
    ['How do I make', 'if', '?'],
    ['What happens to', 'while', '?'],
    ['Where is it said that', 'and', '?'],
    ['', 'or', '?'],
  ],
  zh: [
    ['为什么', '的时候', '？'],
    ['如何让', '并且', '？'],
    ['怎样处理', '以及', '？'],
    ['', '和', '吗？'],
  ],
} as const;

function rowOf(sentences: readonly string[], language: 'en' | 'zh', random: () => number): PlainRow {
  const [before, between, after] = pick<readonly [string, string, string]>(forms[language], random);
  const part = (): string => {
    const sentence = pick(sentences, random);
    if (language === 'zh') return sentence.slice(0, 8 + Math.floor(random() * 6));
    return sentence
      .split(' ')
      .slice(0, 4 + Math.floor(random() * 5))
      .join(' ');
  };
  const blank = language === 'en' ? ' ' : '';
  const question = [before, part(), between, part()].filter((entry) => entry !== '').join(blank) + after;
  return { question, answer: [pick(sentences, random), pick(sentences, random)].join(blank), language };
}

async function readSentences(): Promise<Record<'en' | 'zh', string[]>> {
  const found: Record<'en' | 'zh', string[]> = { en: [], zh: [] };
  for (const set of sets) {
    const folder = await fetchSet(set);
    for (const path of set.include.flatMap((pattern) => globSync(pattern, { cwd: folder })).sort()) {
      const text = await readFile(join(folder, path), 'utf8');
      for (const sentence of text.split(/(?<=[.!?])\s+|(?<=[。！？])|\n{2,}/)) {
        const plain = sentence
          .replace(/\s+/g, ' ')
          .replace(/[*_#>|]/g, '')
          .trim();
        if (/^[A-Z][\w `'"(),.-]{40,250}$/.test(plain)) found.en.push(plain);
        else if (/^[\u4e00-\u9fff][^a-z]{15,100}$/i.test(plain)) found.zh.push(plain);
      }
    }
  }
  return { en: [...new Set(found.en)], zh: [...new Set(found.zh)] };
}
