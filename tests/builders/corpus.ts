import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import type { DocumentFormat } from '../../src/contract/documents.ts';
import { cutChunks } from '../../src/workers/generate-dataset/chunk/chunk.ts';
import type { ChunkHead, Corpus, DocumentHead } from '../../src/workers/generate-dataset/corpus.ts';
import { parseDocument } from '../../src/workers/generate-dataset/parse/index.ts';

const formats: Record<string, DocumentFormat> = { '.md': 'markdown', '.rst': 'rst', '.txt': 'text', '.html': 'html' };

/** A corpus in memory, of texts by their paths. */
export async function corpusOf(
  files: Readonly<Record<string, string>>,
  { project = 'Acme', targetTokens = 512, maxTokens = 1024, minTokens = 64 } = {},
): Promise<Corpus> {
  const documents: DocumentHead[] = [];
  const chunks: ChunkHead[] = [];
  const sections: Awaited<ReturnType<typeof parseDocument>>[] = [];
  const paths = Object.keys(files).sort();
  for (const [index, path] of paths.entries()) {
    const text = files[path] ?? '';
    const format = formats[extname(path)] ?? 'code';
    const sha256 = createHash('sha256').update(text).digest('hex');
    const parsed = await parseDocument({ path, format }, text);
    documents.push({ index, source: 'docs', path, format, sha256 });
    sections.push(parsed);
    for (const chunk of cutChunks(text, sha256, parsed, { targetTokens, maxTokens, minTokens })) {
      // headings alone are nothing to ask about
      const skip = chunk.flag === 'MARKUP' || chunk.tokens < 12 ? { skip: 'TOO_SHORT' } : {};
      chunks.push({ ...chunk, index: chunks.length, document: index, ...skip });
    }
  }
  const symbols = new Set(Object.values(files).flatMap((text) => text.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? []));
  return {
    documents,
    chunks,
    text: (document) => Promise.resolve(files[paths[document] ?? ''] ?? ''),
    sections: (document) => Promise.resolve(sections[document] ?? []),
    chunksOf: (document) => chunks.filter((chunk) => chunk.document === document),
    project: () => project,
    knowsSymbol: (name) => symbols.has(name),
  };
}
