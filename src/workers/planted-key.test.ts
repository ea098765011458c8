import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { generateInput } from '../../tests/builders/generate-input.ts';
import { callWorker } from '../../tests/builders/worker-process.ts';
import { createEndpoint, listen } from '../../tests/model-endpoint/index.ts';
import type { Success } from '../contract/result.ts';
import { fetchDocuments } from './fetch-documents/fetch.ts';
import { generateDataset } from './generate-dataset/generate.ts';

// documents are parsed in processes: a busy machine starts them slowly
vi.setConfig({ testTimeout: 60_000 });

/** in two pieces, so that no scanner of this repository takes it for real */
const key = 'AKIA' + 'QYLPMN5HHHFPZAM2';
const mail = 'jane.roe@acme-corp.io';
const page = (name: string): string =>
  `# ${name}\n\nThe ${name} service of Acme reads its access key from the environment when it starts, and asks ${mail}
for another one when the old one is refused by the storage service.\n\n## Start ${name}\n\nStart the ${name} service with
the access key ${key} and wait until it reports that all of its tables are open.\n\n\`\`\`sh
AWS_ACCESS_KEY_ID=${key} acme start ${name}\n\`\`\`\n`;

test('[T5] a planted key and an address are in no request to a model', async () => {
  const store = mkdtempSync(join(tmpdir(), 'planted-'));
  const path = mkdtempSync(join(tmpdir(), 'documents-'));
  for (const name of ['alpha', 'bravo', 'carrot', 'dynamo']) writeFileSync(join(path, `${name}.md`), page(name));
  const run = { namespace: 'default', name: 'docs', id: 'abcdef12' };
  const limits = { maxDocumentBytes: 100_000, maxTotalBytes: 1_000_000, maxDocuments: 100 };
  const source = { files: { path, include: [], exclude: [] } };
  const fetched = await callWorker('fetch-documents', fetchDocuments, { version: 1, run, source, limits }, store);
  const { artifact, summary } = fetched.result as Success<'fetch-documents'>;
  expect(summary.documents.redactions).toEqual({ secrets: 8, personalData: 4 });

  const requests: string[] = [];
  const { server } = createEndpoint({
    faultFor(chat) {
      requests.push(JSON.stringify(chat));
      return undefined;
    },
  });
  const { url: baseURL, close } = await listen(server);
  const openai = { baseURL, model: 'scripted', maxTokens: 1024, concurrency: 4, timeoutSeconds: 30, temperature: 0.3 };
  await callWorker('generate-dataset', generateDataset, generateInput(artifact, { generator: { openai } }), store);
  close();
  expect(requests.some((request) => request.includes('[redacted:aws-access-key]'))).toBe(true);
  expect(requests.filter((request) => request.includes(key) || request.includes(mail))).toEqual([]);
});
