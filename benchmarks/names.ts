import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fencesOf } from '../src/workers/generate-dataset/checks/code/fences.ts';
import { syntaxError } from '../src/workers/generate-dataset/checks/code/syntax.ts';
import type { Draft, Scene } from '../src/workers/generate-dataset/checks/draft.ts';
import { checkSymbols } from '../src/workers/generate-dataset/checks/symbols/check.ts';

/**
 * How often the checks of names and code turn down what is right: each code block of the documents of two packages is
 * held against all the other text, as if a model had written it. Run it with `npm run bench:names`.
 */
const packages = ['fastify', 'undici'];

const wordsOf = (text: string): string[] => text.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? [];
const countsOf = (text: string): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
};

async function measure(name: string): Promise<string> {
  const folder = join(import.meta.dirname, '../node_modules', name);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const texts = globSync('docs/**/*.md', { cwd: folder }).map((path) => readFileSync(join(folder, path), 'utf8'));
  const all = countsOf(texts.join('\n'));
  let [blocks, unknown, broken] = [0, 0, 0];
  for (const { language, code } of texts.flatMap((text) => fencesOf(text).fences)) {
    blocks += 1;
    const own = countsOf(code);
    const answer = `\`\`\`${language}\n${code}\n\`\`\``;
    const draft: Draft = { task: 'codeGeneration', language: 'en', questions: [], answer, evidence: [] };
    const knowsSymbol = (word: string): boolean => (all.get(word) ?? 0) > (own.get(word) ?? 0);
    const scene: Scene = {
      project: name,
      passages: [],
      knowsSymbol,
      promptWords: new Set(),
      areSymbolsChecked: true,
      isCodeParsed: true,
    };
    if (checkSymbols(draft, scene) !== undefined) unknown += 1;
    if ((await syntaxError(language, code)) !== undefined) broken += 1;
  }
  return `| ${name} ${version} | ${blocks} | ${unknown} | ${broken} |`;
}

console.log('| documents | code blocks | names unknown | do not parse |\n|---|---|---|---|');
for (const name of packages) console.log(await measure(name));
