import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { gramsOf, spread } from '../src/workers/generate-dataset/contamination/grams.ts';
import { gramsOfItem } from '../src/workers/generate-dataset/contamination/public.ts';

/**
 * Add a public benchmark to those whose items are recognised in rows, as hashes:
 *   node scripts/hash-benchmark.ts --name GSM8K --fields question,answer --source "…" --licence MIT FILE.jsonl[.gz]
 * Each line is one item; the named fields together are its text. An entry of the same name is replaced. `--data` names
 * another file of hashes than that of the sources.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string' },
    fields: { type: 'string' },
    source: { type: 'string' },
    licence: { type: 'string' },
    data: { type: 'string' },
  },
});
const { name, fields, source, licence } = values;
const [file] = positionals;
if (name === undefined || fields === undefined || source === undefined || licence === undefined || file === undefined)
  throw new Error('give --name, --fields, --source, --licence and a file of JSON lines');

const data = values.data ?? join(import.meta.dirname, '../src/workers/generate-dataset/contamination/benchmarks.json');
const content = await readFile(file);
const text = file.endsWith('.gz') ? gunzipSync(content) : content;
const items = text
  .toString('utf8')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => z.looseObject({}).parse(JSON.parse(line)))
  .map((item) =>
    gramsOf(
      fields
        .split(',')
        .map((field) => String(item[field]))
        .join('\n'),
    ),
  )
  .map((grams) => [String(grams.length), ...spread(grams, gramsOfItem).map((gram) => gram.toString(16))].join(' '));
const sha256 = createHash('sha256').update(text).digest('hex');
const known = z.array(z.looseObject({ name: z.string() })).parse(JSON.parse(await readFile(data, 'utf8')));
const others = known.filter((entry) => entry.name !== name);
const all = [...others, { name, source, licence, sha256, items }].sort((a, b) => (a.name < b.name ? -1 : 1));
await writeFile(data, `${JSON.stringify(all, null, 2)}\n`);
console.log(`${name}: ${items.length} items, of which ${items.filter((item) => item === '0').length} are too short`);
