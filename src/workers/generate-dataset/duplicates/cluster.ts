export interface Duplicate<Reason extends string = string> {
  id: number;
  /** Jaccard index with the text that is kept */
  similarity: number;
  by: Reason;
}

export interface Cluster<Reason extends string = string> {
  /** the text with the highest score; of equal ones the first */
  kept: number;
  dropped: Duplicate<Reason>[];
}

export interface Candidates {
  /** texts that may be alike this one */
  search(id: number, visit: (other: number) => void): void;
  insert(id: number): void;
}

/**
 * Go through the texts from the best down. Each one joins the best text it is alike, or stays and is compared with what
 * follows: so everything that is dropped is alike something that is kept.
 */
export function cluster<Reason extends string>(
  scores: readonly number[],
  candidates: Candidates,
  compare: (kept: number, id: number) => Omit<Duplicate<Reason>, 'id'> | undefined,
): Cluster<Reason>[] {
  const clusters = new Map<number, Cluster<Reason>>();
  // by which text a text was compared last, to do it once
  const compared = new Int32Array(scores.length).fill(-1);
  for (const id of bestFirst(scores)) {
    let best: { kept: number; found: Omit<Duplicate<Reason>, 'id'> } | undefined;
    candidates.search(id, (kept) => {
      if (compared[kept] === id) return;
      compared[kept] = id;
      const found = compare(kept, id);
      if (found !== undefined && found.similarity > (best?.found.similarity ?? 0)) best = { kept, found };
    });
    if (best === undefined) {
      candidates.insert(id);
      continue;
    }
    const { kept, found } = best;
    const entry = clusters.get(kept) ?? { kept, dropped: [] };
    entry.dropped.push({ id, ...found });
    clusters.set(kept, entry);
  }
  return [...clusters.values()].sort((a, b) => a.kept - b.kept);
}

const bestFirst = (scores: readonly number[]): number[] =>
  scores.map((_, id) => id).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
