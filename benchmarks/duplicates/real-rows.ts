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
    const [first, second] = [pick(sentences[language], random), pick(sentences[language], random)];
    // the same two sentences in another order would be a copy that nobody planted
    const key = [first, second].sort().join('\n');
    if (first !== second && !rows.has(key))
      rows.set(key, rowOf([first, second], sentences[language], language, random));
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

function rowOf(
  asked: readonly [string, string],
  sentences: readonly string[],
  language: 'en' | 'zh',
  random: () => number,
): PlainRow {
  const [before, between, after] = pick<readonly [string, string, string]>(forms[language], random);
  const part = (sentence: string): string => {
    if (language === 'zh') return sentence.slice(0, 8 + Math.floor(random() * 6));
    const words = 4 + Math.floor(random() * 5);
    return sentence.split(' ').slice(0, words).join(' ');
  };
  const blank = language === 'en' ? ' ' : '';
  const [first, second] = asked.map(part);
  const question = [before, first, between, second].filter((entry) => entry !== '').join(blank) + after;
  return { question, answer: [pick(sentences, random), pick(sentences, random)].join(blank), language };
}

async function readSentences(): Promise<Record<'en' | 'zh', string[]>> {
  const found: Record<'en' | 'zh', string[]> = { en: [], zh: [] };
  for (const set of sets) {
    const folder = await fetchSet(set);
    for (const path of set.include.flatMap((pattern) => globSync(pattern, { cwd: folder })).sort()) {
      const text = (await readFile(join(folder, path), 'utf8')).replace(/^.*\n[=~^"'*+`-]{3,}$/gm, '');
      for (const sentence of text.split(/(?<=[.!?])\s+|(?<=[。！？])|\n{2,}/)) {
        const plain = sentence
          .replace(/\s+/g, ' ')
          .replace(/[*_#>|]/g, '')
          .trim();
        if (/^[A-Z][\w `'"(),.-]{40,250}$/.test(plain)) found.en.push(plain);
        else if (/^[\u4e00-\u9fff][^a-z=~-]{15,100}$/i.test(plain)) found.zh.push(plain);
      }
    }
  }
  return { en: [...new Set(found.en)], zh: [...new Set(found.zh)] };
}
