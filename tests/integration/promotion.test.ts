import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { configMaps } from '../../src/controller/kinds.ts';
import { pathOf } from '../../src/controller/paths.ts';
import type { Operator } from '../../src/operator.ts';
import { aDigest } from '../builders/objects.ts';
import { writesOf } from './audit.ts';
import { adminTransport } from './install.ts';
import { kubectlAsAdmin } from './kubectl.ts';
import { ModelLine } from './model-line.ts';
import { freshNamespace } from './namespace.ts';
import { runningOperator } from './running-operator.ts';
import { until } from './until.ts';

const server = inject('apiServer');
const admin = adminTransport(server);
let namespace: string;
let line: ModelLine;
let operator: Operator;

const versionOf = async (): Promise<string | undefined> => (await line.told()).metadata.resourceVersion;

const annotate = (...pairs: string[]): Promise<string> =>
  kubectlAsAdmin(['--namespace', namespace, 'annotate', '--overwrite', 'evaluation/handbook', ...pairs]);

beforeAll(async () => {
  namespace = await freshNamespace(admin, 'promotion');
  operator = await runningOperator(server, namespace);
  line = new ModelLine(admin, namespace);
  await line.create();
});
afterAll(() => operator.stop());

describe('promotion at a real API server', () => {
  test('[17] an adapter that passes is told to others, owned by its Evaluation', async () => {
    await line.measure('first', 20);
    const { data, metadata } = await until('the ConfigMap', () => line.told().catch(() => undefined));
    expect(metadata.ownerReferences).toMatchObject([{ kind: 'Evaluation', name: 'handbook', controller: true }]);
    expect(data).toMatchObject({
      digest: aDigest('first'),
      run: 'handbook-train-first',
      loraModules: `handbook=/store/artifacts/adapters/${aDigest('first').slice(7)}/adapter`,
    });
  });

  test.each([
    ['fails', 'worse', -20, 'Failed'],
    ['is inconclusive', 'equal', 0, 'Inconclusive'],
  ])('[17] one that %s never changes it', async (_, content, delta, verdict) => {
    const before = await versionOf();
    await line.measure(content, delta);
    expect((await line.status()).gate?.verdict).toBe(verdict);
    expect(await versionOf()).toBe(before);
    expect((await line.status()).promoted?.artifact.digest).toBe(aDigest('first'));
  });

  test('[17] a rollback by annotation moves it back once, and nothing moves it again', async () => {
    await line.measure('second', 20);
    expect((await line.told()).data?.digest).toBe(aDigest('second'));
    await annotate('doctune.dev/rollback=previous', 'doctune.dev/rollback-by=ada', 'doctune.dev/rollback-reason=rude');
    await until('the rollback', async () => (await line.told()).data?.digest === aDigest('first'));
    await until('its record', async () => (await line.status()).rollbacks?.length === 1);
    expect((await line.status()).rollbacks).toMatchObject([{ by: 'ada', reason: 'rude' }]);
    const [version, writes] = [await versionOf(), (await writesOf(server.auditLog, namespace)).length];
    for (let look = 0; look < 20; look++) await annotate(`note=${look}`);
    await operator.stop();
    operator = await runningOperator(server, namespace);
    await annotate('note=after the restart');
    await sleep(1500);
    expect(await versionOf()).toBe(version);
    expect((await writesOf(server.auditLog, namespace)).length).toBe(writes);
  });

  test('[17] a newer one that passes ends the rollback', async () => {
    await line.measure('third', -20);
    expect((await line.told()).data?.digest).toBe(aDigest('first'));
    await line.measure('fourth', 20);
    expect((await line.told()).data?.digest).toBe(aDigest('fourth'));
    const { rollback, history } = await line.status();
    expect(rollback).toBeUndefined();
    expect(history?.map(({ verdict }) => verdict)).toEqual([
      'Passed',
      'Failed',
      'Passed',
      'Inconclusive',
      'Failed',
      'Passed',
    ]);
  });

  test('[17] one that is worse than the promoted one stays back, though it is better than the base', async () => {
    await line.measure('fifth', 20, [['bleu', 'recall', 0, 34, 25, -9, -12, -6, 64, 0.001, 'Worse']]);
    const { promoted, incumbent, conditions } = await line.status();
    expect(promoted?.artifact.digest).toBe(aDigest('fourth'));
    expect(incumbent).toMatchObject({ artifact: { digest: aDigest('fourth') }, worse: [{ base: '34', tuned: '25' }] });
    expect(conditions?.find(({ type }) => type === 'GatePassed')).toMatchObject({
      status: 'False',
      reason: 'WorseThanPromoted',
    });
    expect((await line.told()).data?.digest).toBe(aDigest('fourth'));
  });

  test('[17] what cannot be gone back to is refused, and kubectl shows why', async () => {
    await annotate('doctune.dev/rollback=nobody');
    const refused = await until('a refusal', async () =>
      (await line.status()).conditions?.find(({ type }) => type === 'RollbackRefused'),
    );
    expect(refused).toMatchObject({ reason: 'RunNotFound', status: 'True' });
    const table = await kubectlAsAdmin(['--namespace', namespace, 'get', 'eval']);
    expect(table).toMatch(/JOB +RECALL +DELTA +UNSEEN +GATE +PROMOTED +SINCE/);
    expect(table).toContain(aDigest('fourth').slice(0, 19));
  });

  test('[17] the ConfigMap is made again when it is removed', async () => {
    await admin.request('DELETE', pathOf(configMaps, namespace, 'handbook-promoted'));
    const again = await until('the ConfigMap', () => line.told().catch(() => undefined));
    expect(again.data?.digest).toBe(aDigest('fourth'));
  });
});
