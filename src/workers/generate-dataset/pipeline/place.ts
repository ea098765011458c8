import type { Row } from '../../../contract/rows.ts';
import type { ChunkHead, Corpus, Unit } from '../corpus.ts';
import type { Evidence, Fact, Finding } from '../fact.ts';

/** The chunk that a finding belongs to: where its first quote stands, else the first one of its unit. */
export function placeOf(finding: Finding, unit: Unit, corpus: Corpus): ChunkHead | undefined {
  const first = corpus.chunks[unit.chunks[0] ?? -1];
  if (first === undefined) return undefined;
  const evidence = 'fact' in finding ? finding.fact.evidence[0] : undefined;
  const isElsewhere = evidence?.document !== undefined && evidence.document !== first.document;
  const at = 'fact' in finding ? evidence?.start : finding.refusal.at;
  // rows that were made elsewhere have no place in a text
  if (at === undefined || isElsewhere || first.end === first.start) return first;
  return chunkAt(first.document, at, corpus) ?? first;
}

/** The chunk of a document that holds a character; after the end the last one. */
export function chunkAt(document: number, at: number, corpus: Corpus): ChunkHead | undefined {
  const chunks = corpus.chunksOf(document);
  return chunks.find(({ end }) => at < end) ?? chunks.at(-1);
}

/** one list for the many facts that have none */
const none: readonly number[] = [];

/** Chunks besides its own that a fact takes its evidence from or was asked of, and the first ones of other documents it tells of. */
export function otherChunks(fact: Fact, place: ChunkHead, corpus: Corpus): readonly number[] {
  const quoted = fact.evidence.map(({ start, document }) => chunkAt(document ?? place.document, start, corpus)?.index);
  const told = (fact.documents ?? [])
    .filter((document) => document !== place.document && fact.evidence.every((each) => each.document !== document))
    .map((document) => corpus.chunksOf(document)[0]?.index);
  const others = new Set([...quoted, ...told].filter((index) => index !== undefined));
  others.delete(place.index);
  // its group is that of the chunk it was asked of, which need not be the one of its first quote
  for (const index of fact.shown ?? []) others.add(index);
  return others.size === 0 ? none : [...others];
}

/** The evidence word for word, as the documents have it. */
export async function quoteEvidence(
  evidence: readonly Evidence[],
  place: ChunkHead,
  corpus: Corpus,
): Promise<Row['source']['evidence']> {
  const quoted: Row['source']['evidence'] = [];
  for (const { start, end, document = place.document } of evidence) {
    const quote = (await corpus.text(document)).slice(start, end);
    const path = document === place.document ? {} : { path: corpus.documents[document]?.path ?? '' };
    quoted.push({ quote, start, end, ...path });
  }
  return quoted;
}
