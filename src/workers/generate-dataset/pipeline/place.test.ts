import { expect, test } from 'vitest';
import type { ChunkHead, Corpus } from '../corpus.ts';
import type { Fact } from '../fact.ts';
import { groupFacts } from '../split/group.ts';
import { hashedSide } from '../split/side.ts';
import { otherChunks, placeOf } from './place.ts';

const split = { train: 0.5, validation: 0.25, test: 0.25, recall: 0.2, seed: 42, groupBy: 'Section' } as const;
const chunks = Array.from({ length: 12 }, (_, index): ChunkHead => {
  const place = { index, document: 0, start: index * 10, end: index * 10 + 10, id: `${index}`, tokens: 3 };
  return { ...place, heading: ['Guide', `Part ${index}`], kind: 'prose', language: 'en' };
});
const documents = [{ index: 0, source: 'docs', path: 'guide.md', format: 'markdown', sha256: '0' }] as const;
const corpus = { chunks, documents, chunksOf: () => chunks } as unknown as Corpus;
const sideOf = (index: number) => hashedSide(`docs/guide.md#Guide/Part ${index}`, split);
const sideways = (fact: Fact, first: number) => {
  const place = placeOf({ fact }, { id: '', chunks: [first], rowsPlanned: 1 }, corpus)!;
  const head = { id: 'one', chunk: place.index, document: 0, section: fact.heading.join('/'), value: 1, draw: 0 };
  const others = otherChunks(fact, place, corpus);
  const all = { ...head, others, wordings: 1, task: fact.task };
  return groupFacts([all], split, corpus, { by: 'Section', moved: {} }).sideOf(all);
};

test('[T32] a fact that was shown what is held back is on no side, whatever it quotes', () => {
  const trained = chunks.find(({ index }) => sideOf(index) === 'train' && sideOf(index + 1) !== 'train')!.index;
  const fact: Fact = {
    ...{ task: 'other', language: 'en', questions: ['the text, and a question'], answer: 'an answer', weight: 1 },
    heading: [...chunks[trained]!.heading],
    evidence: [{ start: trained * 10, end: trained * 10 + 5 }],
  };
  expect(sideways(fact, trained)).toBe('train');
  expect(sideways({ ...fact, shown: [trained] }, trained)).toBe('train');
  expect(sideways({ ...fact, shown: [trained, trained + 1] }, trained)).toBe(undefined);
  // its only quote lies in the held back part, where it then has its place
  const quoted = { ...fact, evidence: [{ start: trained * 10 + 11, end: trained * 10 + 15 }] };
  expect(sideways({ ...quoted, shown: [trained, trained + 1] }, trained)).toBe(undefined);
});
