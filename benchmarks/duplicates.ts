/**
 * Looks for planted near-duplicates with our finder and with Python's datasketch, and writes docs/duplicates-benchmark.md.
 * ROWS gives another number of rows for the large set.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'prettier';
import { plantedRows, scoreOf, type Planted } from '../src/workers/generate-dataset/duplicates/testdata/planted.ts';
import { measureOurs, type Found } from './duplicates/ours.ts';
import { measureDatasketch } from './duplicates/datasketch.ts';
import { realRows } from './duplicates/real-rows.ts';

const page = join(import.meta.dirname, '..', 'docs', 'duplicates-benchmark.md');
const many = Number(process.env['ROWS'] ?? 100_000);

interface Figures extends Found {
  name: string;
  recall: number;
  precision: number;
}

async function measure(planted: Planted): Promise<Figures[]> {
  const folder = await mkdtemp(join(tmpdir(), 'duplicates-'));
  try {
    const file = join(folder, 'rows.jsonl');
    await writeFile(file, planted.rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const found = [
      { name: 'doctune', ...(await measureOurs(file)) },
      { name: 'datasketch, words of the question, 0.8', ...(await measureDatasketch(file, 'question', 1, 0.8)) },
      {
        name: 'datasketch, groups of five of question and answer, 0.7',
        ...(await measureDatasketch(file, 'row', 5, 0.7)),
      },
    ];
    return found.map((entry) => ({ ...entry, ...scoreOf(planted, entry.clusters) }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
const head = ['finder', 'recall', 'precision', 'processor time', 'peak memory'];
const table = (figures: readonly Figures[]): string =>
  [
    row(head),
    row(head.map(() => '---')),
    ...figures.map(({ name, recall, precision, seconds, peakBytes }) =>
      row([
        name,
        recall.toFixed(3),
        precision.toFixed(3),
        `${seconds.toFixed(1)} s`,
        `${Math.round(peakBytes / 1e6)} MB`,
      ]),
    ),
  ].join('\n');

const small = plantedRows(1000, 200, 7);
const large = await realRows(many, many / 5);
const parts = [
  '# Duplicates benchmark',
  '<!-- Written by "npm run bench:duplicates". Do not edit. -->',
  [
    'One row in five is a copy of another one, changed as people change a question that they ask again: slips of the',
    'pen, synonyms, another order, other punctuation, more politeness, one or two of them at a time. The changes are made',
    'by a generator that knows nothing of the finders. Ours looks at question and answer at once (thresholds 0.8 and 0.9,',
    'the defaults); `datasketch` 1.6.5 is used as its documentation shows it: MinHash with 128 permutations and LSH, one',
    'CJK character or one word a shingle or groups of five, every candidate a duplicate of the first one found.',
    'Both run on one core; the figures of each table are of one run on the machine at hand.',
  ].join('\n'),
  '## 1,000 rows from templates, half of them Chinese',
  'The hard case: rows that are no copies differ from each other in one or two words as well.',
  table(await measure(small)),
  `## ${many.toLocaleString('en-US')} rows with words of real documentation`,
  'Questions are made of parts of two sentences, answers of two sentences of the documentation of four projects.',
  table(await measure(large)),
];
const markdown = await format(`${parts.join('\n\n')}\n`, { parser: 'markdown', printWidth: 120 });
await writeFile(page, markdown);
console.log(markdown);
