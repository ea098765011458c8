/**
 * Makes a dataset of 100,000 chunks and prints its time and the most memory that the worker held.
 * CHUNKS gives another number of chunks.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateInput, publishDocuments } from '../tests/builders/generate-input.ts';
import { runMeasured } from './data/run-worker.ts';

const limitBytes = 600e6;
const chunksEach = 20;
const wanted = Number(process.env['CHUNKS'] ?? 100_000);
const [verbs, nouns, parts] = [
  ['opens', 'closes', 'reads', 'writes', 'locks', 'moves', 'copies', 'checks', 'counts', 'sorts', 'merges', 'splits'],
  ['table', 'queue', 'stream', 'socket', 'cache', 'index', 'worker', 'record', 'bucket', 'ticket', 'folder', 'cursor'],
  [
    'header',
    'limit',
    'owner',
    'window',
    'offset',
    'margin',
    'handle',
    'bridge',
    'filter',
    'anchor',
    'branch',
    'module',
  ],
];
const word = (list: readonly string[] | undefined, seed: number): string => list?.[seed % list.length] ?? '';

/** A section that differs from all others in its words, as the sections of a manual do; one chunk each. */
function section(document: number, index: number): string {
  const seed = document * chunksEach + index;
  const [verb, noun, part] = [
    word(verbs, seed),
    word(nouns, Math.floor(seed / 12)),
    word(parts, Math.floor(seed / 144)),
  ];
  const name = `${noun}${part[0]?.toUpperCase() ?? ''}${part.slice(1)}${seed}`;
  const sentences = Array.from({ length: 6 }, (_, line) => {
    const other = word(nouns, seed * 7 + line * 5);
    return `The ${other} of \`${name}\` ${word(verbs, seed + line)} ${word(parts, seed * 3 + line)} ${(seed * 31 + line * 17) % 9973} of the ${word(nouns, seed + line * 3)}.`;
  });
  return `## ${name}(${part})\n\n\`${name}\` ${verb} the ${noun} at ${part} ${seed} and returns what it held. ${sentences.join(' ')}\n`;
}

const documents = Math.ceil(wanted / chunksEach);
const store = mkdtempSync(join(tmpdir(), 'memory-'));
try {
  const files: Record<string, string> = {};
  for (let document = 0; document < documents; document += 1) {
    const sections = Array.from({ length: chunksEach }, (_, index) => section(document, index));
    files[`part-${document % 50}/page-${document}.md`] = `# Page ${document}\n\n${sections.join('\n')}`;
  }
  const artifact = await publishDocuments(store, files);
  const chunking = { targetTokens: 128, maxTokens: 256, minTokens: 32 };
  const input = generateInput(artifact, { chunking, rows: { max: 1_000_000, perChunk: 4, wordings: 3 } });
  const { result, seconds, peakBytes } = await runMeasured(input, store);
  const { chunks, rows } = result.summary;
  const total = rows.train + rows.validation + rows.test + rows.recall;
  console.log(`${chunks.total} chunks of ${documents} documents, ${total} rows, ${rows.rejected} rejected`);
  console.log(
    `${seconds.toFixed(0)} s, at most ${Math.round(peakBytes / 1e6)} MB resident (limit ${limitBytes / 1e6} MB)`,
  );
  if (peakBytes > limitBytes) process.exitCode = 1;
} finally {
  rmSync(store, { recursive: true });
}
