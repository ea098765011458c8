import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openLines, readLines } from './lines.ts';

const path = join(mkdtempSync(join(tmpdir(), 'lines-')), 'records.jsonl');

test('any records are read as they were written, separators of lines and long ones included', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('\u2028', '\u2029', '\r\n', '\u0085', '服务器', 'x'.repeat(300_000)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ text }), { maxLength: 20 }), async (records) => {
      const file = await openLines(path);
      for (const record of records) await file.write(record);
      const { rows, sha256 } = await file.close();
      expect(rows).toBe(records.length);
      expect(sha256).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
      const read: unknown[] = [];
      for await (const record of readLines(path)) read.push(record);
      expect(read).toEqual(records);
    }),
    { numRuns: 25 },
  );
});
