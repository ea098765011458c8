import { join } from 'node:path';
import type { Manifest, Passage } from '../../../contract/rows.ts';
import type { ChunkHead } from '../corpus.ts';
import { where } from './collect.ts';
import { describe } from './contamination.ts';
import { openLines } from './lines.ts';
import type { Writing } from './writing.ts';

export const textFile = 'text.jsonl';

/**
 * The text of all usable chunks of groups that are trained, for a training on the documents themselves. A passage that
 * repeats what is held back, or a public benchmark, stays out and is told.
 */
export async function writeText(writing: Writing): Promise<Manifest['files'][number]> {
  const { work, collected, selected, folder } = writing;
  const file = await openLines(join(folder, textFile));
  for (const chunk of work.corpus.chunks) {
    const { group, side } = selected.grouping.placeOf(chunk.index);
    const passage = chunk.skip === undefined && side === 'train' ? await passageOf(chunk, group, writing) : undefined;
    if (passage === undefined) continue;
    const repeated = selected.decontamination?.check(passage.text);
    if (repeated === undefined) await file.write(passage);
    else
      await collected.rejected.add({
        reason: 'CONTAMINATED',
        stage: 'split',
        detail: `its text: ${describe(repeated)}`,
        ...where(chunk, work.corpus),
        row: null,
      });
  }
  return { path: textFile, ...(await file.close()) };
}

async function passageOf(chunk: ChunkHead, group: string, { work: { corpus } }: Writing): Promise<Passage | undefined> {
  const document = corpus.documents[chunk.document];
  if (document === undefined) return undefined;
  const { id, start, end } = chunk;
  const text = (await corpus.text(chunk.document)).slice(start, end);
  if (text.trim() === '') return undefined;
  return { id, group, source: document.source, path: document.path, start, end, text };
}
