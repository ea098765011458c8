/** What a chunk could be asked about together with a chunk of another document. */
export interface Linkable {
  index: number;
  document: number;
  terms: readonly number[];
  tokens: number;
  /** of the split that it lies on: a fact of two sides would be turned down */
  side: string;
}

/** a name of most chunks links nothing */
const maxSharing = 40;
const minShared = 2;

/** For each chunk the one of another document that shares the rarest names of code with it, if any does. */
export function findPartners(chunks: readonly Linkable[]): (chunk: Linkable, maxTokens: number) => number | undefined {
  const byTerm = new Map<number, Linkable[]>();
  for (const chunk of chunks) {
    for (const term of chunk.terms) {
      const known = byTerm.get(term);
      if (known === undefined) byTerm.set(term, [chunk]);
      else known.push(chunk);
    }
  }
  return (chunk, maxTokens) => {
    const scores = new Map<Linkable, { shared: number; score: number }>();
    for (const term of chunk.terms) {
      const sharing = byTerm.get(term) ?? [];
      if (sharing.length > maxSharing) continue;
      for (const other of sharing) {
        if (other.document === chunk.document || other.side !== chunk.side || other.tokens + chunk.tokens > maxTokens)
          continue;
        const { shared, score } = scores.get(other) ?? { shared: 0, score: 0 };
        scores.set(other, { shared: shared + 1, score: score + 1 / sharing.length });
      }
    }
    const [best] = [...scores]
      .filter(([, { shared }]) => shared >= minShared)
      .sort(([a, x], [b, y]) => y.score - x.score || a.index - b.index);
    return best?.[0].index;
  };
}
