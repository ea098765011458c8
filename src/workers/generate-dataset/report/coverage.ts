import type { Report } from '../../../contract/report.ts';
import type { ChunkHead, Corpus } from '../corpus.ts';
import { createCounter } from './counter.ts';

type Part = Report['coverage']['documents'];
type Coverage = Omit<Report['coverage'], 'byTask'>;

const lowestShown = 20;

/** How much of the documents has an accepted row: `covered` has the indexes of chunks that have one. */
export function coverageReport(
  { documents, chunks }: Pick<Corpus, 'documents' | 'chunks'>,
  covered: ReadonlySet<number>,
): Coverage {
  const skipped = createCounter();
  for (const { skip } of chunks) if (skip !== undefined) skipped.add(skip);
  const byDocument = partsBy(chunks, covered, ({ document }) => String(document));
  const bySection = partsBy(chunks, covered, ({ document, heading }) =>
    JSON.stringify([document, ...heading.slice(0, 2)]),
  );
  const usable = chunks.filter(({ skip }) => skip === undefined);
  const hit = usable.filter(({ index }) => covered.has(index)).length;
  return {
    chunks: { total: chunks.length, usable: usable.length, covered: hit, skipped: skipped.counts() },
    documents: { ...summarise(byDocument.values()), total: documents.length },
    sections: summarise(bySection.values()),
    share: usable.length === 0 ? 0 : hit / usable.length,
    lowest: lowest(byDocument, documents),
  };
}

/** Chunks of each document or section. */
function partsBy(
  chunks: readonly ChunkHead[],
  covered: ReadonlySet<number>,
  keyOf: (chunk: ChunkHead) => string,
): Map<string, Part> {
  const parts = new Map<string, Part>();
  for (const chunk of chunks) {
    const key = keyOf(chunk);
    const part = parts.get(key) ?? { total: 0, usable: 0, covered: 0 };
    part.total += 1;
    if (chunk.skip === undefined) {
      part.usable += 1;
      if (covered.has(chunk.index)) part.covered += 1;
    }
    parts.set(key, part);
  }
  return parts;
}

function summarise(parts: Iterable<Part>): Part {
  const sum = { total: 0, usable: 0, covered: 0 };
  for (const { usable, covered } of parts) {
    sum.total += 1;
    if (usable > 0) sum.usable += 1;
    if (covered > 0) sum.covered += 1;
  }
  return sum;
}

function lowest(byDocument: ReadonlyMap<string, Part>, documents: Corpus['documents']): Coverage['lowest'] {
  return [...byDocument]
    .filter(([, { usable, covered }]) => covered < usable)
    .sort(([, a], [, b]) => a.covered / a.usable - b.covered / b.usable || b.usable - a.usable)
    .slice(0, lowestShown)
    .map(([index, { usable, covered }]) => {
      const document = documents[Number(index)];
      return { document: `${document?.source ?? ''}/${document?.path ?? ''}`, usable, covered };
    });
}
