/** Makes datasets of real documentation and writes what it measures to docs/data-benchmark.md. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format } from 'prettier';
import { measureSet, type SetFigures } from './data/measure.ts';
import { renderPage } from './data/page.ts';
import { sets } from './data/sets.ts';

const page = join(import.meta.dirname, '..', 'docs', 'data-benchmark.md');
const figures: SetFigures[] = [];
for (const set of sets) {
  figures.push(await measureSet(set));
  console.log(`measured ${set.name}`);
}
const markdown = await format(renderPage(figures), { parser: 'markdown', printWidth: 120 });
await writeFile(page, markdown);
console.log(markdown);
