import { MarkdownTextSplitter, RecursiveCharacterTextSplitter } from '@langchain/textsplitters';
import { smollm2Tokenizer } from '../../scripts/build/tokenizer.ts';
import { cutChunks } from '../../src/workers/generate-dataset/chunk/chunk.ts';
import { estimateTokens, estimator, type Tokenizer } from '../../src/workers/generate-dataset/chunk/tokens.ts';
import { openTokenizer } from '../../src/workers/generate-dataset/chunk/tokenizer.ts';
import type { ParsedDocument } from '../chunking.ts';

export interface Splitter {
  name: string;
  /** whether the time of parsing, measured apart, is part of its work */
  needsSections: boolean;
  /** chunks in order; where they are is found afterwards if it is not told */
  split: (document: ParsedDocument) => Promise<{ text: string; start?: number }[]>;
}

const limits = { targetTokens: 512, maxTokens: 1024, minTokens: 64 };

const ours = (name: string, tokenizer: Tokenizer): Splitter => ({
  name,
  needsSections: true,
  split: ({ text, sections }) =>
    Promise.resolve(
      cutChunks(text, '', sections, limits, tokenizer).map(({ start, end }) => ({
        text: text.slice(start, end),
        start,
      })),
    ),
});

const langchain = (name: string, splitter: RecursiveCharacterTextSplitter): Splitter => ({
  name,
  needsSections: false,
  split: async ({ text }) => (await splitter.splitText(text)).map((chunk) => ({ text: chunk })),
});

export async function splittersFor(format: ParsedDocument['format']): Promise<Splitter[]> {
  const options = { chunkSize: limits.targetTokens, chunkOverlap: 0, lengthFunction: estimateTokens };
  const byFormat =
    format === 'markdown'
      ? langchain('LangChain MarkdownTextSplitter', new MarkdownTextSplitter(options))
      : langchain('LangChain for "rst"', RecursiveCharacterTextSplitter.fromLanguage('rst', options));
  return [
    ours('doctune', estimator),
    byFormat,
    langchain('LangChain RecursiveCharacterTextSplitter', new RecursiveCharacterTextSplitter(options)),
    ours('doctune, real tokenizer', await openTokenizer({ path: await smollm2Tokenizer() })),
  ];
}
