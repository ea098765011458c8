import { createNearDuplicates } from '../../duplicates/near-duplicates.ts';
import type { ChunkHead } from '../../corpus.ts';
import { createBoilerplate } from './boilerplate.ts';
import { isChangelog } from './changelog.ts';
import { digestOf } from './digest.ts';
import { isNavigation } from './navigation.ts';
import { repetitionOf } from './repetition.ts';
import { contentWords } from './words.ts';

export interface ChunkMark {
  reason:
    | 'CHANGELOG'
    | 'NAVIGATION'
    | 'TOO_SHORT'
    | 'REPETITIVE'
    | 'DUPLICATE_CHUNK'
    | 'NEAR_DUPLICATE_CHUNK'
    | 'BOILERPLATE';
  detail: string;
}

export type MarkedHead = Pick<ChunkHead, 'index' | 'document' | 'start' | 'kind' | 'heading' | 'flag'> & {
  path: string;
};

/** Tells which chunks are not worth asking about. Texts are not kept: about a kilobyte is remembered of each chunk. */
export interface ChunkMarker {
  /** Chunks in order, all of them. */
  add(head: MarkedHead, text: string): void;
  /** By index of the chunk. Of texts that are alike the first one stays, or the first one that is held back. */
  finish(isHeldBack?: (chunk: number) => boolean): Map<number, ChunkMark>;
}

/** of groups of five words; below it, versions of a page may differ in what matters */
const nearDuplicate = 0.9;

export function createChunkMarker({ changelogs }: { changelogs: 'Keep' | 'Skip' }): ChunkMarker {
  const marks = new Map<number, ChunkMark>();
  const sameAs = new Map<number, MarkedHead[]>();
  const near = createNearDuplicates({ threshold: nearDuplicate });
  /** each with those of the same text */
  const compared: MarkedHead[][] = [];
  const boilerplate = createBoilerplate();
  return {
    add(head, text) {
      const own = ownMark(head, text, changelogs);
      if (own !== undefined) return void marks.set(head.index, own);
      const digest = digestOf(text);
      const same = sameAs.get(digest);
      if (same !== undefined) return void same.push(head);
      const alone = [head];
      sameAs.set(digest, alone);
      compared.push(alone);
      near.add(text);
      boilerplate.add(head.document, text);
    },
    finish(isHeldBack = () => false) {
      // a text that is held back somewhere is trained nowhere: else a new page before the old one would train it
      const chosen = compared.map((same) => same.find(({ index }) => isHeldBack(index)) ?? same[0]);
      for (const [id, same] of compared.entries())
        for (const head of same) {
          if (head === chosen[id]) continue;
          setOnce(marks, head, { reason: 'DUPLICATE_CHUNK', detail: `the same text as ${placeOf(chosen[id])}` });
        }
      for (const { kept, dropped } of near.finish()) {
        const alike = dropped.filter(({ id }) => describesSame(chosen[kept], chosen[id]));
        const heldBack = [{ id: kept, similarity: 1 }, ...alike].find(({ id }) => isHeldBack(chosen[id]?.index ?? -1));
        const stays = heldBack?.id ?? kept;
        for (const { id, similarity } of alike) {
          // that of the pair whose one text stays; both are alike what the cluster began with
          const [goes, other] = id === stays ? [kept, stays] : [id, kept];
          const detail = `${Math.round(similarity * 100)} % of its words as in ${placeOf(chosen[other])}`;
          setOnce(marks, chosen[goes], { reason: 'NEAR_DUPLICATE_CHUNK', detail });
        }
      }
      for (const [id, share] of boilerplate.finish()) {
        const detail = `${Math.round(share * 100)} % of it is on many pages`;
        setOnce(marks, chosen[id], { reason: 'BOILERPLATE', detail });
      }
      return marks;
    },
  };
}

/** Entries of an API differ in little but their names. */
const describesSame = (a: MarkedHead | undefined, b: MarkedHead | undefined): boolean =>
  (a?.kind !== 'api' && b?.kind !== 'api') || a?.heading.at(-1) === b?.heading.at(-1);

const placeOf = (head: MarkedHead | undefined): string => `"${head?.path ?? ''}" at ${head?.start ?? 0}`;

function setOnce(marks: Map<number, ChunkMark>, head: MarkedHead | undefined, mark: ChunkMark): void {
  if (head !== undefined && !marks.has(head.index)) marks.set(head.index, mark);
}

/** words that a chunk has at least, without headings and mark-up; an entry of an API says what it does in a few */
const leastWords = { prose: 12, code: 12, table: 12, api: 6 };

/** What can be told from a chunk alone. */
function ownMark(head: MarkedHead, text: string, changelogs: 'Keep' | 'Skip'): ChunkMark | undefined {
  if (head.flag === 'MARKUP') return { reason: 'NAVIGATION', detail: 'mark-up and navigation only' };
  if (changelogs === 'Skip' && isChangelog(head.path, head.heading))
    return { reason: 'CHANGELOG', detail: 'part of a change log' };
  if (head.kind !== 'api' && isNavigation(text)) return { reason: 'NAVIGATION', detail: 'a list of links' };
  const words = contentWords(text);
  if (words < leastWords[head.kind]) return { reason: 'TOO_SHORT', detail: `${Math.floor(words)} words` };
  // tables, code and API entries repeat themselves for good reasons
  const repetition = head.kind === 'prose' ? repetitionOf(text) : undefined;
  return repetition === undefined ? undefined : { reason: 'REPETITIVE', detail: repetition };
}
