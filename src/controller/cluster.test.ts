import { describe, expect, test } from 'vitest';
import { createWriter } from './cluster.ts';
import { ApiError, NotLeaderError } from './errors.ts';
import { jobs } from './kinds.ts';
import type { RequestOptions, Transport } from './transport.ts';

const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { namespace: 'ns', name: 'run', uid: 'u' } };

function recording(options: { refuse?: ApiError; mayWrite?: boolean } = {}) {
  const sent: { line: string; options: RequestOptions | undefined }[] = [];
  const transport: Transport = {
    request: (method, path, given) => {
      sent.push({ line: `${method} ${path}`, options: given });
      return options.refuse === undefined ? Promise.resolve(job) : Promise.reject(options.refuse);
    },
    watch: () => {
      throw new Error('no watches here');
    },
    close: () => Promise.resolve(),
  };
  const { mayWrite = true } = options;
  return { sent, writer: createWriter({ transport, kinds: () => [jobs], mayWrite: () => mayWrite }) };
}

const path = '/apis/batch/v1/namespaces/ns/jobs/run';

describe('the writer', () => {
  test('applies on the server, by force, under its manager', async () => {
    const { sent, writer } = recording();
    await writer.apply(job);
    await writer.apply(job, 'shared');
    expect(sent.map(({ line }) => line)).toEqual([`PATCH ${path}`, `PATCH ${path}`]);
    expect(sent.map(({ options }) => options?.query?.fieldManager)).toEqual(['doctune-controller', 'shared']);
    expect(sent[0]?.options).toMatchObject({ contentType: 'application/apply-patch+yaml', query: { force: true } });
  });

  test('removes an object with its pods, and never a namesake', async () => {
    const { sent, writer } = recording();
    await writer.remove(job, 'Foreground');
    expect(sent[0]?.line).toBe(`DELETE ${path}`);
    expect(sent[0]?.options?.body).toMatchObject({ propagationPolicy: 'Foreground', preconditions: { uid: 'u' } });
  });

  test('changes single fields of an object that nobody watches', async () => {
    const { sent, writer } = recording();
    const kind = { group: 'example.org', version: 'v1', kind: 'Route', plural: 'routes' };
    const object = { apiVersion: 'example.org/v1', kind: 'Route', metadata: { namespace: 'ns', name: 'r' } };
    const operations = [{ op: 'add' as const, path: '/spec/weight', value: 1 }];
    await writer.patch({ type: 'patch', object, kind, operations });
    expect(sent[0]).toMatchObject({
      line: 'PATCH /apis/example.org/v1/namespaces/ns/routes/r',
      options: { body: operations, contentType: 'application/json-patch+json' },
    });
    const idle = recording({ mayWrite: false });
    await expect(idle.writer.patch({ type: 'patch', object, kind, operations })).rejects.toThrow(NotLeaderError);
  });

  test.each([404, 409])('takes a removal that is answered with %d for done', async (code) => {
    await expect(
      recording({ refuse: new ApiError(code, {}) }).writer.remove(job, 'Background'),
    ).resolves.toBeUndefined();
  });

  test('writes a status alone, and nothing to an object that is gone', async () => {
    const { sent, writer } = recording();
    await writer.applyStatus({ ...job, metadata: { ...job.metadata, resourceVersion: '1' } }, { a: 1 }, 'm');
    expect(sent[0]?.line).toBe(`PATCH ${path}/status`);
    expect(sent[0]?.options?.body).toEqual({ ...job, metadata: { namespace: 'ns', name: 'run' }, status: { a: 1 } });
    const gone = recording({ refuse: new ApiError(404, {}) });
    expect(await gone.writer.applyStatus(job, {}, 'm')).toBeUndefined();
  });

  test('writes nothing at all when this process does not lead', async () => {
    const { sent, writer } = recording({ mayWrite: false });
    await expect(writer.apply(job)).rejects.toThrow(NotLeaderError);
    await expect(writer.remove(job, 'Background')).rejects.toThrow(NotLeaderError);
    await expect(writer.applyStatus(job, {}, 'm')).rejects.toThrow(NotLeaderError);
    expect(sent).toEqual([]);
  });

  test('refuses a kind that nobody watches, since its writes could never be waited for', async () => {
    const { writer } = recording();
    expect(() => writer.apply({ ...job, kind: 'CronJob' })).toThrow('kind "batch/v1/CronJob" is not watched');
    await Promise.resolve();
  });
});
