import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchInputSchema, generateInputSchema, type GenerateInput } from '../../src/contract/inputs.ts';
import type { ArtifactRecord } from '../../src/contract/artifact.ts';
import type { Success } from '../../src/contract/result.ts';
import { runWorkerProcess } from '../../tests/builders/worker-process.ts';
import { createEndpoint, listen } from '../../tests/model-endpoint/index.ts';
import { passingFaults, type Fault } from '../../tests/model-endpoint/faults.ts';
import { fetchSet } from './download.ts';
import { runMeasured, type Measured } from './run-worker.ts';
import type { DocumentationSet } from './sets.ts';

export interface SetFigures {
  set: DocumentationSet;
  fetched: Success<'fetch-documents'>['summary']['documents'];
  extractive: Measured;
  model: Measured;
  /** requests that the endpoint saw, those with a fault included */
  requests: number;
}

const run = { namespace: 'default', name: 'benchmark', id: 'abcdef12' };
/** trouble that a provider gives for one question, beside what passes */
const lastingFaults: readonly Fault[] = ['content-filter', 'context-length', 'invented-evidence'];
const faultShare = 0.3;

/** Make datasets of one documentation, without a model and with one, and measure both. */
export async function measureSet(set: DocumentationSet): Promise<SetFigures> {
  const store = mkdtempSync(join(tmpdir(), 'bench-data-'));
  try {
    const { artifact, summary } = await fetchDocuments(set, store);
    const extractive = await runMeasured(inputOf(set, artifact, { extractive: {} }), store);
    const { server, log } = createEndpoint({
      mix: { share: faultShare, faults: [...passingFaults, ...lastingFaults] },
    });
    const { url, close } = await listen(server);
    const settings = {
      baseURL: url,
      model: 'scripted',
      maxTokens: 2048,
      concurrency: 16,
      timeoutSeconds: 30,
      temperature: 0.3,
    };
    const openai = {
      ...settings,
      headers: {},
      maxContextTokens: null,
      requestsPerMinute: null,
      tokensPerMinute: null,
      prices: null,
    };
    const generator = { openai: { ...openai, questionTemperature: 0.9, steps: 'One' as const } };
    const model = await runMeasured(inputOf(set, artifact, generator), store).finally(close);
    return { set, fetched: summary.documents, extractive, model, requests: log.length };
  } finally {
    rmSync(store, { recursive: true });
  }
}

async function fetchDocuments(
  { include, ...set }: DocumentationSet,
  store: string,
): Promise<Success<'fetch-documents'>> {
  const path = await fetchSet({ include, ...set });
  const limits = { maxDocumentBytes: 5_000_000, maxTotalBytes: 500_000_000, maxDocuments: 10_000 };
  const source = { files: { path, include, exclude: [] } };
  const input = fetchInputSchema.parse({ version: 1, run, source, limits });
  const { result, logs } = await runWorkerProcess('fetch-documents', input, store);
  if (result?.exitCode !== 0)
    throw new Error(`fetch-documents failed: ${JSON.stringify(result)}\n${logs.slice(-2000)}`);
  return result as Success<'fetch-documents'>;
}

/** Room for all that is found; a few units may fail for good, as the endpoint is told to. */
const inputOf = (
  { name }: DocumentationSet,
  { uri, digest }: ArtifactRecord,
  generator: GenerateInput['generator'],
): GenerateInput =>
  generateInputSchema.parse({
    ...{ version: 1, run, generator },
    sources: [{ name: `${name}-docs`, artifact: { uri, digest } }],
    chunking: { targetTokens: 512, maxTokens: 1024 },
    rows: { max: 100_000, perChunk: 4, wordings: 3 },
    split: { train: 0.8, validation: 0.1, test: 0.1, recall: 0.2, seed: 42, groupBy: 'Document' },
    gates: { minRows: 1, maxFailedChunks: 1 },
    budget: { maxTokens: null },
  });
