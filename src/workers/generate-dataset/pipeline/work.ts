import type { GenerateInput } from '../../../contract/inputs.ts';
import type { WorkerContext } from '../../shell/run.ts';
import { openTokenizer } from '../chunk/tokenizer.ts';
import type { Tokenizer } from '../chunk/tokens.ts';
import { listRowFiles } from '../import/files/list.ts';
import { importSource, openImport } from '../import/open-import.ts';
import type { Corpus } from '../corpus.ts';
import { prepareCorpus, type UnreadDocument } from '../corpus/prepare.ts';
import type { Observed } from './sources.ts';
import { openExtractive } from '../extractive/generate.ts';
import { WorkerFailure } from '../../shell/failure.ts';
import { withJudge } from './judged-work.ts';
import { makingWithoutModel, type Making } from './making.ts';
import { openModel } from './model-work.ts';
import type { Growth } from '../plan/growth.ts';
import { roomToGrow, type Parent } from './parent.ts';
import { sampleRows, sampleUnits } from './preview.ts';

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

export interface Opening {
  input: GenerateInput;
  context: WorkerContext;
  scratch: string;
  /** the version before */
  parent: Parent | undefined;
  observe: (document: Observed) => void;
}

export async function openWork({ input, context, scratch, parent, observe }: Opening): Promise<Work> {
  // read when all rows are made, which is too late to tell that it is not there
  if (input.mixture !== null) await listRowFiles(input.mixture.general, 'mixture.general');
  const tokenizer = await openTokenizer(input.chunking.tokenizer);
  if (input.importFrom !== null) {
    return openImported(input.importFrom, { input, context, scratch, parent, observe }, tokenizer);
  }
  const { corpus, unread, skipDetails, close } = await prepareCorpus(
    { ...input, pins: parent?.pins },
    tokenizer,
    context,
    scratch,
    observe,
  );
  try {
    const making = await openMaking(input, corpus, tokenizer, context, growthOf(input, parent));
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

/** Rows that were made elsewhere. What their screening took out is reported as that of documents is. */
async function openImported(
  settings: NonNullable<GenerateInput['importFrom']>,
  { input, context, scratch, observe }: Opening,
  tokenizer: Tokenizer,
): Promise<Work> {
  const { corpus, generator, files, failedFiles, close } = await openImport(settings, scratch);
  for (const { redactions } of files) observe({ source: { name: importSource }, record: { redactions } });
  const { units } = generator;
  // a judge costs money: the sample is one of rows, not of batches of them
  const isSample = input.preview !== null && input.judge !== null;
  const sampled = isSample ? sampleRows(generator, input.preview?.chunks ?? 0) : generator;
  const making = makingWithoutModel(sampled, input, context, close);
  const judged = await withJudge(making, { input, corpus, tokenizer, context, whole: units });
  return { corpus, tokenizer, unread: [], skipDetails: new Map(), unreadChunks: failedFiles, ...judged };
}

const bytesPerToken = 4;
const chunksIn = (bytes: number, tokens: number): number => Math.ceil(bytes / (bytesPerToken * tokens));

function growthOf(input: GenerateInput, parent: Parent | undefined): Growth | undefined {
  if (parent === undefined) return undefined;
  const { pins } = parent;
  const room = roomToGrow(input, parent) ?? Infinity;
  return { room, hasAsked: (key) => parent.hasAsked(key), ...(pins === undefined ? {} : { pins }) };
}

async function openMaking(
  input: GenerateInput,
  corpus: Corpus,
  tokenizer: Tokenizer,
  context: WorkerContext,
  growth: Growth | undefined,
): Promise<Making> {
  const { generator } = input;
  if (generator === null) throw new WorkerFailure('config', 'InvalidInput', 'input field "generator": is missing');
  if ('openai' in generator) return openModel(input, generator.openai, corpus, tokenizer, context, growth);
  const extractive = openExtractive(corpus);
  const { preview, split } = input;
  const units = preview === null ? extractive.units : sampleUnits(extractive.units, corpus, preview.chunks, split.seed);
  const making = makingWithoutModel({ ...extractive, units }, input, context);
  return withJudge(making, { input, corpus, tokenizer, context, whole: extractive.units });
}
