import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Item {
  question: string;
  answer: string;
}

const docs = join(import.meta.dirname, '../../docs/kinds');
const longestAnswer = 240;
const longestPassage = 480;

/** Sections of the documentation of this repository; every other question shows its passage, so that lengths differ. */
export async function documentationItems(count: number): Promise<Item[]> {
  const files = (await readdir(docs)).filter((name) => name.endsWith('.md')).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(docs, name), 'utf8')));
  const sections = texts.flatMap((text) => text.split(/^#+ /m).slice(1));
  const items = sections.flatMap((section, place) => {
    const [heading = '', ...lines] = section.split('\n');
    const passage = lines.join('\n').trim();
    if (passage.length < 80) return [];
    const question = `What does the documentation say about "${heading}"?`;
    const shown = place % 2 === 0 ? question : `${question}\n\n${passage.slice(0, longestPassage)}`;
    return [{ question: shown, answer: passage.slice(0, longestAnswer) }];
  });
  return items.slice(0, count);
}
