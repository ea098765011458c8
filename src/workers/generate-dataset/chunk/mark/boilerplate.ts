import { digestOf } from './digest.ts';
import { plainWords } from './words.ts';

/** a paragraph on this many documents is part of the site, not of the page */
const leastDocuments = 4;
/** of the words of a chunk */
const boilerplateShare = 0.6;
const leastWords = 5;

export interface Boilerplate {
  /** Ids are 0, 1, 2 … in the order of calls. */
  add(document: number, text: string): void;
  /** Ids of the chunks that are boilerplate for the most part, with its share. The first chunk with a paragraph keeps it. */
  finish(): Map<number, number>;
}

interface Paragraph {
  documents: number;
  lastDocument: number;
  firstChunk: number;
}

export function createBoilerplate(): Boilerplate {
  const known = new Map<number, Paragraph>();
  /** for each chunk its paragraphs as digest and words, after its number of words */
  const chunks: number[][] = [];
  return {
    add(document, text) {
      const parts: number[] = [];
      for (const paragraph of text.split(/\n[ \t]*\n/)) {
        const words = plainWords(paragraph).length;
        if (words < leastWords) continue;
        const digest = digestOf(paragraph);
        parts.push(digest, words);
        const entry = known.get(digest) ?? { documents: 0, lastDocument: -1, firstChunk: chunks.length };
        if (entry.lastDocument !== document) entry.documents += 1;
        entry.lastDocument = document;
        known.set(digest, entry);
      }
      chunks.push(parts);
    },
    finish() {
      const found = new Map<number, number>();
      for (const [id, parts] of chunks.entries()) {
        let [all, repeated] = [0, 0];
        for (let at = 0; at < parts.length; at += 2) {
          const [paragraph, words] = [known.get(parts[at] ?? 0), parts[at + 1] ?? 0];
          all += words;
          if (paragraph !== undefined && paragraph.documents >= leastDocuments && paragraph.firstChunk !== id)
            repeated += words;
        }
        if (all > 0 && repeated / all >= boilerplateShare) found.set(id, repeated / all);
      }
      return found;
    },
  };
}
