import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { z } from 'zod';
import { generateInputSchema } from '../../src/contract/inputs.ts';
import type { Corpus, Unit } from '../../src/workers/generate-dataset/corpus.ts';
import type { Fact, Finding, Refusal } from '../../src/workers/generate-dataset/fact.ts';
import { openModelGenerator, type ModelGenerator } from '../../src/workers/generate-dataset/model/open.ts';
import { estimateTokens } from '../../src/workers/generate-dataset/chunk/tokens.ts';
import { createBudget } from '../../src/workers/model-endpoint/budget.ts';
import { openAnswerCache } from '../../src/workers/model-endpoint/cache/open.ts';
import { openAsker } from '../../src/workers/model-endpoint/open-asker.ts';
import { answerTo } from '../model-endpoint/answers/index.ts';
import type { Chat } from '../model-endpoint/chat.ts';
import { createEndpoint, listen, type EndpointOptions } from '../model-endpoint/index.ts';

type Input = z.input<typeof generateInputSchema>;

export interface ModelOptions {
  openai?: object;
  input?: Partial<Input>;
  endpoint?: EndpointOptions;
  /** in place of the scripted answers; undefined leaves it to them */
  answer?: (chat: Chat) => unknown;
  /** folder of the answers that are paid for; a fresh one if not given */
  cache?: string;
  /** the address is part of what names an answer: give that of the run whose answers are to be found again */
  port?: number;
}

export interface ModelRun {
  generator: ModelGenerator;
  /** requests in the order in which they came */
  chats: Chat[];
  findings: Finding[];
  facts: Fact[];
  refusals: Refusal[];
  requests: number;
  port: number;
}

export const answersFolder = (): string => mkdtempSync(join(tmpdir(), 'answers-'));

/** A model that writes, judges and is tuned later, behind one scripted endpoint; all units are run over real HTTP. */
export async function runModel(corpus: Corpus, options: ModelOptions = {}): Promise<ModelRun> {
  const chats: Chat[] = [];
  const answer = (chat: Chat): string => {
    chats.push(chat);
    const own = options.answer?.(chat);
    return own === undefined ? answerTo(chat) : typeof own === 'string' ? own : JSON.stringify(own);
  };
  const { server, log } = createEndpoint({ ...options.endpoint, answer });
  const { url, close } = await listen(server, options.port);
  const input = inputFor(url, options);
  const cache = await openAnswerCache({ folder: options.cache ?? answersFolder(), run: input.run.id });
  const budget = createBudget(input.budget);
  const signal = new AbortController().signal;
  const open = (endpoint: Parameters<typeof openAsker>[0]['input'], field: string) =>
    openAsker({ input: endpoint, field, cache, budget, estimateTokens, signal, log: pino({ level: 'silent' }) });
  const openai = input.generator !== null && 'openai' in input.generator ? input.generator.openai : undefined;
  if (openai === undefined) throw new Error('no generator');
  const write = await open(openai, 'spec.generator.openai');
  const judge = input.judge && (await open(input.judge.endpoint, 'spec.judge.openai'));
  const gap = input.knowledgeGap && (await open(input.knowledgeGap.endpoint, 'spec.knowledgeGap.openai'));
  try {
    const askers = { write, ...(judge === null ? {} : { judge }), ...(gap === null ? {} : { gap }) };
    const generator = await openModelGenerator({ input, corpus, askers });
    const run = (unit: Unit): Promise<Finding[]> => generator.run(unit, signal);
    const findings = (await Promise.all(generator.units.map(run))).flat();
    return {
      ...{ generator, chats, findings },
      facts: findings.flatMap((found) => ('fact' in found ? [found.fact] : [])),
      refusals: findings.flatMap((found) => ('refusal' in found ? [found.refusal] : [])),
      requests: log.length,
      port: Number(new URL(url).port),
    };
  } finally {
    for (const asker of [write, judge, gap]) await asker?.close();
    await cache.close();
    close();
  }
}

export const endpointOf = (url: string, model: string): object => ({
  baseURL: url,
  model,
  maxTokens: 512,
  concurrency: 8,
  timeoutSeconds: 20,
});

const inputFor = (url: string, { openai, input }: ModelOptions) =>
  generateInputSchema.parse({
    version: 1,
    run: { namespace: 'default', name: 'quickstart', id: 'abcdef12' },
    sources: [],
    generator: { openai: { ...endpointOf(url, 'writer'), temperature: 0.3, ...openai } },
    chunking: { targetTokens: 512, maxTokens: 1024 },
    rows: { max: 10_000, perChunk: 4, wordings: 2 },
    split: { train: 0.8, validation: 0.1, test: 0.1, recall: 0.2, seed: 42, groupBy: 'Document' },
    gates: { minRows: 1 },
    budget: { maxTokens: null },
    ...input,
    ...(input?.judge === undefined || input.judge === null
      ? {}
      : { judge: { ...input.judge, endpoint: endpointOf(url, 'judge') } }),
    ...(input?.knowledgeGap === undefined || input.knowledgeGap === null
      ? {}
      : { knowledgeGap: { endpoint: endpointOf(url, 'tuned-later') } }),
  });
