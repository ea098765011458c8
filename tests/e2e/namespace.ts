import { kubectl } from '../cluster/index.ts';
import { createNamespace } from '../../scripts/local/install.ts';

/** A namespace of one test file: empty at the start, gone at the end. */
export interface TestNamespace extends AsyncDisposable {
  name: string;
  apply(...objects: readonly (object | string)[]): Promise<void>;
  get<T>(resource: string, name: string): Promise<T | undefined>;
  list<T = { metadata: { name: string; labels?: Record<string, string> } }>(
    resource: string,
    selector?: string,
  ): Promise<T[]>;
  remove(resource: string, name: string): Promise<void>;
}

export async function testNamespace(name: string): Promise<TestNamespace> {
  // left over from a run that was killed
  await kubectl(['delete', 'namespace', name, '--ignore-not-found', '--timeout=120s']);
  await createNamespace(name);
  const inNamespace = (...args: string[]): Promise<string> => kubectl(['--namespace', name, ...args]);
  return {
    name,
    async apply(...objects) {
      for (const object of objects) {
        const input = typeof object === 'string' ? object : JSON.stringify(object);
        await kubectl(['--namespace', name, 'apply', '--filename', '-'], { input });
      }
    },
    async get<T>(resource: string, object: string) {
      const text = await inNamespace('get', resource, object, '--ignore-not-found', '--output', 'json');
      return text === '' ? undefined : (JSON.parse(text) as T);
    },
    async list<T>(resource: string, selector = '') {
      const text = await inNamespace('get', resource, '--selector', selector, '--output', 'json');
      return (JSON.parse(text) as { items: T[] }).items;
    },
    async remove(resource, object) {
      await inNamespace('delete', resource, object, '--ignore-not-found', '--timeout=60s');
    },
    async [Symbol.asyncDispose]() {
      await kubectl(['delete', 'namespace', name, '--ignore-not-found', '--timeout=180s']);
    },
  };
}
