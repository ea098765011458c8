import { readFile } from 'node:fs/promises';
import { WorkerFailure } from '../shell/failure.ts';

/** what a header can carry, white space left out */
const headerValue = /^[\x21-\x7e]+$/;

/** Reads the API key for each request, so that a rotated Secret is taken up without a restart; undefined without a file. */
export function createKeyReader(path: string | undefined, field: string): () => Promise<string | undefined> {
  return async () => {
    if (path === undefined) return undefined;
    const key = (await readFile(path, 'utf8').catch((error: unknown) => fail(field, 'has no such key', error))).trim();
    // the HTTP client would quote a key that it cannot send
    if (!headerValue.test(key)) return fail(field, 'is empty or has characters that no API key has');
    return key;
  };
}

function fail(field: string, problem: string, cause?: unknown): never {
  const message = `the Secret of ${field}.apiKeySecretRef ${problem}: correct name, key or value`;
  throw new WorkerFailure('credentials', 'AuthFailed', message, { cause });
}
