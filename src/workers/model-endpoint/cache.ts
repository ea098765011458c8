import { createHash, randomUUID } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { EndpointInput, Question } from './endpoint.ts';

const entrySchema = z.object({
  /** the run that paid for it */
  run: z.string(),
  content: z.string(),
  finishReason: z.string(),
  usage: z.object({ input: z.number(), cachedInput: z.number(), output: z.number() }),
});
export type CacheEntry = z.infer<typeof entrySchema>;

/** Answers that are paid for, one file each, named by everything that the answer depends on. Errors are never kept. */
export interface ResponseCache {
  get(key: string): Promise<CacheEntry | undefined>;
  /** Returns when the answer is on disk: only then does it count. */
  put(key: string, entry: CacheEntry): Promise<void>;
}

export function cacheKey(
  { baseURL, model, temperature, maxTokens }: EndpointInput,
  { messages, schema }: Question,
): string {
  const content = JSON.stringify([1, baseURL, model, temperature, maxTokens, messages, schema]);
  return createHash('sha256').update(content).digest('hex');
}

export function createCache(folder: string): ResponseCache {
  const pathOf = (key: string): string => join(folder, `${key}.json`);
  return {
    async get(key) {
      const text = await readFile(pathOf(key), 'utf8').catch(() => undefined);
      if (text === undefined) return undefined;
      try {
        return entrySchema.parse(JSON.parse(text));
      } catch {
        // cut by a full disk: paid again rather than wrong
        return undefined;
      }
    },
    async put(key, entry) {
      const staged = join(folder, `${key}.${randomUUID()}.tmp`);
      const handle = await open(staged, 'wx');
      try {
        await handle.writeFile(JSON.stringify(entry));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(staged, pathOf(key));
    },
  };
}
