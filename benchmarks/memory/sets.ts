import { mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { GenerateInput } from '../../src/contract/inputs.ts';
import { generateInput, publishDocuments } from '../../tests/builders/generate-input.ts';
import { chunksEach, section } from './section.ts';

/** What is measured: so many things, and a run that makes a dataset of them. */
export interface MemorySet {
  name: string;
  input: (store: string, count: number) => Promise<GenerateInput>;
}

const rows = { max: 1_000_000, perChunk: 4, wordings: 3 };

async function documents(store: string, count: number): Promise<GenerateInput> {
  const files: Record<string, string> = {};
  for (let document = 0; document < Math.ceil(count / chunksEach); document += 1) {
    const sections = Array.from({ length: chunksEach }, (_, index) => section(document, index));
    files[`part-${document % 50}/page-${document}.md`] = `# Page ${document}\n\n${sections.join('\n')}`;
  }
  const chunking = { targetTokens: 128, maxTokens: 256, minTokens: 32 };
  return generateInput(await publishDocuments(store, files), { chunking, rows });
}

/** Rows as they come from elsewhere: one file, one question and one answer each. */
async function imported(store: string, count: number): Promise<GenerateInput> {
  const path = join(store, 'rows-of-others');
  mkdirSync(path);
  const file = await open(join(path, 'rows.jsonl'), 'w');
  for (let row = 0; row < count; row += 1) {
    const [heading = '', text = ''] = section(Math.floor(row / chunksEach), row % chunksEach).split('\n\n');
    const instruction = `What does ${heading.slice(3)} do?`;
    await file.write(`${JSON.stringify({ instruction, input: '', output: text.trim() })}\n`);
  }
  await file.close();
  const none = { uri: '', digest: '', size: 0 };
  const importFrom = { path, format: 'Auto', historyTurns: null } as const;
  return generateInput(none, { sources: [], generator: null, importFrom, rows });
}

export const sets: readonly MemorySet[] = [
  { name: 'chunks', input: documents },
  { name: 'imported rows', input: imported },
];
