import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Fact } from '../fact.ts';
import type { Grouping } from '../split/group.ts';
import { decontaminate } from './contamination.ts';
import type { FactHead } from './facts.ts';

const said = 'the store keeps each artifact below the digest of its list of files and never writes to it again';
const fact = (changes: Partial<Fact>): Partial<Fact> => ({
  questions: ['What does the scheduler do with a pod that no node of the cluster has room for at the moment?'],
  answer: 'It keeps the pod in its queue, and looks again when a node comes or another pod has ended there.',
  ...changes,
});
const other: Partial<Fact> = {
  questions: ['How long is a lease held by a leader that is gone?'],
  answer: 'Fifteen seconds.',
};

async function rejectionOf(held: Partial<Fact>, trained: Partial<Fact>): Promise<string | undefined> {
  const facts = join(mkdtempSync(join(tmpdir(), 'facts-')), 'facts.jsonl');
  writeFileSync(facts, [held, trained].map((each) => `${JSON.stringify({ fact: each })}\n`).join(''));
  const heads = [{ id: 'held' }, { id: 'trained' }] as FactHead[];
  const sideOf = ({ id }: FactHead): string => (id === 'held' ? 'test' : 'train');
  await decontaminate({ heads, facts }, new Set(heads), { sideOf } as Grouping, false);
  expect(heads[0]?.rejection).toBeUndefined();
  return heads[1]?.rejection?.reason;
}

const places: [string, Partial<Fact>][] = [
  ['an answer', { answer: said }],
  ['an answer before the last', { earlier: [{ question: 'And then?', answer: said }] }],
  ['a question before the last', { earlier: [{ question: said, answer: 'Yes.' }] }],
  ['how it came to its answer', { reasoning: said }],
  ['another right answer', { references: [said] }],
];

test.each(places)('[T33] what is held back as %s is trained nowhere', async (_, held) => {
  for (const [, trained] of places)
    expect(await rejectionOf({ ...other, ...held }, fact(trained))).toBe('CONTAMINATED');
  expect(await rejectionOf({ ...other, ...held }, fact({}))).toBeUndefined();
});
