import { expect, test, vi } from 'vitest';
import { corpusOf } from '../../../../tests/builders/corpus.ts';
import { judged, onlyTask, pages, sentence, small } from '../../../../tests/builders/manual.ts';
import { runModel } from '../../../../tests/builders/model-generator.ts';
import { asksFor } from '../../../../tests/model-endpoint/answers/request.ts';
import { answerTo } from '../../../../tests/model-endpoint/answers/index.ts';
import type { Chat } from '../../../../tests/model-endpoint/chat.ts';

// a busy machine is no fault
vi.setConfig({ testTimeout: 60_000 });

const invent = (chat: Chat): unknown => {
  if (!asksFor('facts')(chat)) return undefined;
  const made = JSON.parse(answerTo(chat)) as { facts: { answer: string; evidence: string[] }[] };
  const known = made.facts[0]?.evidence[0]?.split(' ').slice(1, 3).join(' ') ?? '';
  return {
    facts: made.facts.map((fact) => ({
      ...fact,
      answer: `The ${known} deletes several backups whenever electricity fails, path given.`,
    })),
  };
};

test('[T27] what the judge turns down is asked for once more, and a better answer makes a pair', async () => {
  const corpus = await corpusOf(pages(2), small);
  const input = { ...onlyTask('factual'), ...judged, rows: { max: 100, perChunk: 1, wordings: 1 } };
  const { facts, chats } = await runModel(corpus, { input, answer: invent });
  expect(facts.length).toBeGreaterThan(0);
  for (const { worse, answer } of facts) {
    expect(worse).toContain('deletes several backups');
    expect(answer).not.toContain('backups');
  }
  const again = chats.filter(({ messages }) => messages.some(({ content }) => content.includes('was turned down')));
  expect(again.length).toBe(facts.length);
});

test('[T31] a row that stays turned down keeps verdict, reason and cost', async () => {
  const corpus = await corpusOf(pages(1), small);
  const prices = { input: 1, cachedInput: 1, output: 1 };
  const input = { ...onlyTask('factual'), ...judged, budget: { maxTokens: null, prices } };
  const stubborn = (chat: Chat): unknown =>
    asksFor('answerable')(chat) ? { answerable: false, answer: '', evidence: [], reasoning: '' } : invent(chat);
  const { facts, refusals } = await runModel(corpus, { input, answer: stubborn });
  expect(facts).toEqual([]);
  expect(refusals.length).toBeGreaterThan(0);
  for (const refusal of refusals) {
    expect(refusal).toMatchObject({ reason: 'UNFAITHFUL', stage: 'judge', row: { verdict: { faithful: false } } });
    expect(refusal.cost).toBeGreaterThan(0);
  }
});

test('[T27] a judge that gives no verdict leaves a gap, and is no fault of the row', async () => {
  const corpus = await corpusOf(pages(1), small);
  const input = { ...onlyTask('factual'), ...judged };
  const prose = (chat: Chat): unknown => (chat.model === 'judge' ? 'I am fine with it.' : undefined);
  const { facts, refusals } = await runModel(corpus, { input, answer: prose });
  expect(facts).toEqual([]);
  expect(refusals.length).toBeGreaterThan(0);
  for (const refusal of refusals) {
    expect(refusal).toMatchObject({ reason: 'BAD_JSON', stage: 'endpoint' });
    // what was written stays
    expect(refusal.row).not.toBeNull();
  }
});

test('[T28] an answer that a second model does not find again is turned down', async () => {
  const corpus = await corpusOf(pages(1), small);
  const input = { ...onlyTask('factual'), ...judged, quality: { roundTrip: 'Check' as const } };
  const { facts } = await runModel(corpus, { input });
  expect(facts.length).toBeGreaterThan(0);
  const blind = (chat: Chat): unknown => (asksFor('answerable')(chat) ? { answerable: false, answer: '' } : undefined);
  const lost = await runModel(corpus, { input, answer: blind });
  expect(lost.facts).toEqual([]);
  expect(new Set(lost.refusals.map(({ reason, stage }) => `${stage ?? ''} ${reason}`))).toEqual(
    new Set(['judge NOT_FOUND_AGAIN']),
  );
  const other = (chat: Chat): unknown => (asksFor('same')(chat) ? { same: false, reason: 'they differ' } : undefined);
  const unlike = await runModel(corpus, { input, answer: other });
  expect(new Set(unlike.refusals.map(({ reason }) => reason))).toEqual(new Set(['OTHER_ANSWER']));
});

test('[T17] what the base model knows already weighs less', async () => {
  const corpus = await corpusOf(pages(2), small);
  const input = { ...onlyTask('factual'), knowledgeGap: {} as never };
  const knows = (chat: Chat): unknown =>
    chat.model === 'tuned-later' && chat.messages[0]?.content.includes('Part0')
      ? sentence('Part0', 'opens')
      : undefined;
  const { facts, chats } = await runModel(corpus, { input, answer: knows });
  const closed = chats.filter(({ model }) => model === 'tuned-later');
  expect(closed.length).toBe(facts.length);
  expect(closed.every(({ messages }) => messages.length === 1 && !messages[0]?.content.includes('<document'))).toBe(
    true,
  );
  const weights = (name: string) =>
    facts.filter(({ answer }) => answer.includes(`${name} opens`)).map(({ weight }) => weight);
  expect(Math.max(...weights('Part0'))).toBeLessThan(Math.min(...weights('Part1')));
  for (const { scores } of facts) expect(scores?.knownBefore).toBeTypeOf('number');
});
