import type { Corpus, Generator, Unit } from '../corpus.ts';
import { placeOf } from '../pipeline/place.ts';
import { extractFacts } from './index.ts';

/** Facts by the structure of the documents alone; one unit a document. */
export function openExtractive(corpus: Corpus): Generator {
  return {
    about: { name: 'extractive', model: null, prompt: null },
    units: corpus.documents.flatMap(({ index, source, path }): Unit[] => {
      const chunks = corpus.chunksOf(index).filter(({ skip }) => skip === undefined);
      if (chunks.length === 0) return [];
      return [{ id: `${source}/${path}`, chunks: chunks.map((chunk) => chunk.index), rowsPlanned: chunks.length }];
    }),
    async run(unit) {
      const head = corpus.documents[corpus.chunks[unit.chunks[0] ?? 0]?.document ?? 0];
      if (head === undefined) return [];
      const [text, sections] = [await corpus.text(head.index), await corpus.sections(head.index)];
      const own = new Set(unit.chunks);
      const findings = extractFacts({ path: head.path, text, sections }, corpus.project(head.source));
      // what stands in a skipped chunk was turned down with the chunk
      return findings.filter((finding) => own.has(placeOf(finding, unit, corpus)?.index ?? -1));
    },
  };
}
