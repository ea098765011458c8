import type { GenerateInput } from '../../../contract/inputs.ts';
import type { WorkerContext } from '../../shell/run.ts';
import { openTokenizer } from '../chunk/tokenizer.ts';
import type { Tokenizer } from '../chunk/tokens.ts';
import { openImport } from '../import/open-import.ts';
import type { Corpus, Generator } from '../corpus.ts';
import { prepareCorpus, type UnreadDocument } from '../corpus/prepare.ts';
import type { StoredDocument } from '../documents.ts';
import { openExtractive } from '../extractive/generate.ts';
import { WorkerFailure, type WorkerStopped } from '../../shell/failure.ts';
import { openModel } from './model-work.ts';
import { sampleUnits } from './preview.ts';
import type { GenerateSummary } from './summary.ts';

/** A generator with what it uses. */
export interface Making {
  generator: Generator;
  /** units under way at the same time */
  concurrency: number;
  signal: AbortSignal;
  /** digests of the prompts by name */
  prompts?: Record<string, string>;
  /** usable chunks that nothing is asked about */
  unplanned?: readonly { chunk: number; reason: string }[];
  usage: () => GenerateSummary['usage'];
  /** figures of the endpoints for progress reports */
  metrics: () => Record<string, number>;
  /** agreement of judge and humans beyond chance; null where none was asked for */
  agreement: () => Promise<number | null>;
  estimate: () => GenerateSummary['estimate'];
  /** what to throw after SIGTERM */
  stopped?: () => WorkerStopped;
  close: () => Promise<void>;
}

/** What rows are made of and by what: the rest of the pipeline is the same for all generators. */
export interface Work extends Making {
  corpus: Corpus;
  tokenizer: Tokenizer;
  /** documents that could not be parsed */
  unread: readonly UnreadDocument[];
  /** more about why a chunk is skipped, by its index */
  skipDetails: ReadonlyMap<number, string>;
  /** what of the input could not be read, counted in chunks */
  unreadChunks: number;
}

export async function openWork(
  input: GenerateInput,
  context: WorkerContext,
  scratch: string,
  observe: (document: StoredDocument) => void,
): Promise<Work> {
  const tokenizer = await openTokenizer(input.chunking.tokenizer);
  if (input.importFrom !== null) {
    const imported = await openImport(input.importFrom, scratch);
    const making = makingWithoutModel(imported.generator, input, context, () => imported.close());
    return {
      corpus: imported.corpus,
      tokenizer,
      unread: [],
      skipDetails: new Map(),
      unreadChunks: imported.failedFiles,
      ...making,
    };
  }
  const { corpus, unread, skipDetails, close } = await prepareCorpus(input, tokenizer, context, scratch, observe);
  try {
    const making = await openMaking(input, corpus, tokenizer, context);
    const closeAll = async (): Promise<void> => {
      await making.close();
      await close();
    };
    const unreadChunks = unread.reduce((sum, { bytes }) => sum + chunksIn(bytes, input.chunking.targetTokens), 0);
    return { corpus, tokenizer, unread, skipDetails, unreadChunks, ...making, close: closeAll };
  } catch (error) {
    await close();
    throw error;
  }
}

const bytesPerToken = 4;
const chunksIn = (bytes: number, tokens: number): number => Math.ceil(bytes / (bytesPerToken * tokens));

async function openMaking(
  input: GenerateInput,
  corpus: Corpus,
  tokenizer: Tokenizer,
  context: WorkerContext,
): Promise<Making> {
  const { generator } = input;
  if (generator === null) throw new WorkerFailure('config', 'InvalidInput', 'input field "generator": is missing');
  if ('openai' in generator) return openModel(input, generator.openai, corpus, tokenizer, context);
  const extractive = openExtractive(corpus);
  const { preview, split } = input;
  const units = preview === null ? extractive.units : sampleUnits(extractive.units, corpus, preview.chunks, split.seed);
  return makingWithoutModel({ ...extractive, units }, input, context);
}

/** units that are worked on side by side where nothing is waited for but the disk */
const localConcurrency = 2;

/** A generator that asks nobody and costs nothing. */
export const makingWithoutModel = (
  generator: Generator,
  { preview }: GenerateInput,
  { signal }: WorkerContext,
  close: Making['close'] = () => Promise.resolve(),
): Making => ({
  ...{ generator, signal, close, concurrency: localConcurrency },
  usage: () => ({ requests: 0, inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, retries: {}, cost: null }),
  metrics: () => ({}),
  agreement: () => Promise.resolve(null),
  estimate: () => (preview === null ? null : { requests: 0, tokens: 0, cost: null }),
});
