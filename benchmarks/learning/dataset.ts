import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactRecord } from '../../src/contract/artifact.ts';
import { fetchInputSchema, generateInputSchema } from '../../src/contract/inputs.ts';
import type { Success } from '../../src/contract/result.ts';
import { rowSchema } from '../../src/contract/rows.ts';
import { runWorkerProcess } from '../../tests/builders/worker-process.ts';
import { fetchSet } from '../data/download.ts';
import type { DocumentationSet } from '../data/sets.ts';
import { keyTerms } from './key-terms.ts';

export const numberOfQuestions = 37;
/** about 60 facts: so many can be shown often enough in the time that there is, and give 37 questions with key terms */
const enoughRows = 420;

export interface Question {
  id: string;
  terms: string[];
}

export interface Rows {
  artifact: ArtifactRecord;
  rows: Success<'generate-dataset'>['summary']['rows'];
  facts: number;
}

export interface LearningSet extends Rows {
  /** held-back wordings of trained facts, the same ones for every model */
  questions: Question[];
}

const run = { namespace: 'default', name: 'learning', id: 'abcdef12' };

/** Rows of one documentation, with questions. */
export async function makeLearningSet(set: DocumentationSet, store: string): Promise<LearningSet> {
  const made = await makeRows(set, store, enoughRows);
  return { ...made, questions: await chooseQuestions(folderOf(store, made.artifact.uri)) };
}

/** Rows of one documentation by structure alone, four wordings a fact, one of them held back. */
export async function makeRows(set: DocumentationSet, store: string, rowsAtMost: number): Promise<Rows> {
  const { uri, digest } = (await fetchDocuments(set, store)).artifact;
  const input = generateInputSchema.parse({
    ...{ version: 1, run, generator: { extractive: {} } },
    sources: [{ name: set.name, artifact: { uri, digest } }],
    chunking: { targetTokens: 512, maxTokens: 1024 },
    rows: { max: rowsAtMost, perChunk: 4, wordings: 4 },
    split: { train: 0.75, validation: 0.1, test: 0.15, recall: 0.7, seed: 42, groupBy: 'Document' },
    gates: { minRows: 1 },
    budget: { maxTokens: null },
  });
  const { result, logs } = await runWorkerProcess('generate-dataset', input, store);
  if (result?.exitCode !== 0) throw new Error(`generate-dataset failed: ${logs.slice(-2000)}`);
  const { artifact, summary } = result as Success<'generate-dataset'>;
  const folder = folderOf(store, artifact.uri);
  const facts = new Set((await readRows(folder, 'train')).map(({ fact }) => fact)).size;
  return { artifact, rows: summary.rows, facts };
}

export const folderOf = (store: string, uri: string): string => join(store, uri.replace(/^pvc:\/\/[^/]+\//, ''));

async function fetchDocuments(set: DocumentationSet, store: string): Promise<Success<'fetch-documents'>> {
  const path = await fetchSet(set);
  const limits = { maxDocumentBytes: 5_000_000, maxTotalBytes: 500_000_000, maxDocuments: 10_000 };
  const source = { files: { path, include: set.include, exclude: [] } };
  const { result, logs } = await runWorkerProcess(
    'fetch-documents',
    fetchInputSchema.parse({ version: 1, run, source, limits }),
    store,
  );
  if (result?.exitCode !== 0) throw new Error(`fetch-documents failed: ${logs.slice(-2000)}`);
  return result as Success<'fetch-documents'>;
}

async function readRows(folder: string, split: string) {
  const lines = (await readFile(join(folder, `${split}.jsonl`), 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => rowSchema.parse(JSON.parse(line)));
}

/** The first rows with key terms, so many or as many as there are, by their id, which is a digest and so favours none. */
async function chooseQuestions(folder: string): Promise<Question[]> {
  const asked = (await readRows(folder, 'recall'))
    .map(({ id, messages }) => ({
      id,
      terms: keyTerms(messages.at(-2)?.content ?? '', messages.at(-1)?.content ?? ''),
    }))
    .filter(({ terms }) => terms.length > 0)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  return asked.slice(0, numberOfQuestions);
}
