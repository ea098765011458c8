import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import type { z } from 'zod';
import type { ArtifactRecord } from '../../src/contract/artifact.ts';
import { documentSchema, type DocumentFormat, type DocumentRecord } from '../../src/contract/documents.ts';
import { generateInputSchema, type GenerateInput } from '../../src/contract/inputs.ts';
import { createClaimStore } from '../../src/workers/artifacts/claim-store.ts';

const formats: Record<string, DocumentFormat> = {
  '.md': 'markdown',
  '.mdx': 'markdown',
  '.rst': 'rst',
  '.adoc': 'asciidoc',
  '.html': 'html',
  '.txt': 'text',
};
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Publish texts as fetch-documents would; `changes` are further members of the record of a path. */
export async function publishDocuments(
  store: string,
  files: Record<string, string>,
  changes: Record<string, Partial<DocumentRecord>> = {},
): Promise<ArtifactRecord> {
  const folder = mkdtempSync(join(tmpdir(), 'documents-'));
  const records = Object.entries(files)
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([path, text]) => {
      const file = join(folder, 'files', path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      const own = {
        path,
        format: formats[extname(path)] ?? 'code',
        bytes: Buffer.byteLength(text),
        sha256: sha256(text),
      };
      return documentSchema.parse({ ...own, ...changes[path] });
    });
  writeFileSync(join(folder, 'documents.jsonl'), records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  writeFileSync(join(folder, 'skipped.jsonl'), '');
  const artifact = await createClaimStore(store).put(folder, 'documents');
  rmSync(folder, { recursive: true });
  return artifact;
}

type Changes = Partial<z.input<typeof generateInputSchema>>;

/** An input with the defaults of the API, for the extractive generator. */
export const generateInput = ({ uri, digest }: ArtifactRecord, changes: Changes = {}): GenerateInput =>
  generateInputSchema.parse({
    version: 1,
    run: { namespace: 'default', name: 'quickstart', id: 'abcdef12' },
    sources: [{ name: 'acme-docs', artifact: { uri, digest } }],
    generator: { extractive: {} },
    chunking: { targetTokens: 512, maxTokens: 1024 },
    rows: { max: 1000, perChunk: 4, wordings: 3 },
    split: { train: 0.8, validation: 0.1, test: 0.1, recall: 0.2, seed: 42, groupBy: 'Document' },
    gates: { minRows: 1 },
    budget: { maxTokens: null },
    ...changes,
  });
