/** Cuts real documentation with our chunker and with LangChain's splitters, and writes docs/chunking-benchmark.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { parseDocument } from '../src/workers/generate-dataset/parse/index.ts';
import type { Section } from '../src/workers/generate-dataset/parse/block.ts';
import { cpuSeconds, measureSplitter, type SplitterFigures } from './chunking/measure.ts';
import { splittersFor } from './chunking/splitters.ts';
import { fetchSet } from './data/download.ts';
import { sets, type DocumentationSet } from './data/sets.ts';

const page = join(import.meta.dirname, '..', 'docs', 'chunking-benchmark.md');

export interface ParsedDocument {
  path: string;
  format: 'markdown' | 'rst';
  text: string;
  sections: Section[];
  parseSeconds: number;
}

async function parseSet(set: DocumentationSet): Promise<ParsedDocument[]> {
  const folder = await fetchSet(set);
  const documents: ParsedDocument[] = [];
  for (const path of set.include.flatMap((pattern) => globSync(pattern, { cwd: folder })).sort()) {
    const text = await readFile(join(folder, path), 'utf8');
    const document = { path, format: path.endsWith('.rst') ? 'rst' : 'markdown' } as const;
    // once for nothing, as the first run pays for compilation
    await parseDocument(document, text);
    const start = process.cpuUsage();
    const sections = await parseDocument(document, text);
    documents.push({ ...document, text, sections, parseSeconds: cpuSeconds(start) });
  }
  return documents;
}

const head = [
  'splitter',
  'MB/s',
  'MB/s without parsing',
  'chunks',
  'tokens (median)',
  'over 1024',
  'cut code blocks',
  'cut tables',
  'cut list items',
  'open fences',
  'lossless',
];
const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

function render(results: readonly { set: DocumentationSet; bytes: number; figures: SplitterFigures[] }[]): string {
  const parts = results.flatMap(({ set, bytes, figures }) => [
    `## ${set.name}: ${set.about}`,
    `${set.registry}: ${set.package} ${set.version}, ${(bytes / 1e6).toFixed(2)} MB`,
    [row(head), row(head.map(() => '---')), ...figures.map((entry) => row(cellsOf(entry)))].join('\n'),
  ]);
  const intro = [
    'Our chunker beside the splitters of `@langchain/textsplitters`, on the same documents, in one run, by the same',
    'count of tokens (an estimate by script; the last line by the tokenizer of smollm2-135m), without overlap, for at most',
    '512 tokens a chunk. Ours may go on to 1024 where a section fits, and further for a single code block, table or list',
    'item, which it never cuts; code that large is cut between declarations. What is cut is judged by our parser; open',
    'fences are found line by line, for Markdown. A splitter is lossless if its chunks together are the document.',
    'MB/s are by processor time, of one run on the machine at hand. The splitters of LangChain look for separators in the',
    'text; ours needs the parsed document, which the later steps need as well.',
  ].join('\n');
  const note = '<!-- Written by "npm run bench:chunking". Do not edit. -->';
  return `${['# Chunking benchmark', note, intro, ...parts].join('\n\n')}\n`;
}

const cellsOf = (figures: SplitterFigures): (string | number)[] => [
  figures.name,
  figures.megabytesPerSecond.toFixed(1),
  figures.withoutParsing.toFixed(1),
  figures.chunks,
  figures.medianTokens,
  figures.overMaximum,
  figures.cut.code,
  figures.cut.table,
  figures.cut.list,
  figures.openFences,
  figures.isLossless ? 'yes' : 'no',
];

const results = [];
for (const set of sets) {
  const documents = await parseSet(set);
  const figures: SplitterFigures[] = [];
  for (const splitter of await splittersFor(documents[0]?.format ?? 'markdown'))
    figures.push(await measureSplitter(splitter, documents));
  const bytes = documents.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  results.push({ set, bytes, figures });
  console.log(`measured ${set.name}`);
}
const markdown = await format(render(results), { parser: 'markdown', printWidth: 120 });
await writeFile(page, markdown);
console.log(markdown);
