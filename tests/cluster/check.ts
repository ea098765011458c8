/**
 * `npm run cluster:check`: proves on the running cluster that it can do what doctune needs. With `--down` it takes the
 * cluster down afterwards and looks for what was left on the machine.
 */
import assert from 'node:assert/strict';
import { kernelSettings, traces } from './check/traces.ts';
import { claim, probeImage, probeJob, provideProbeImage } from './check/workloads.ts';
import type { ProbeJob } from './check/workloads.ts';
import { clusterDown, clusterUp, fakeGpus, kubectl, loadImage, nodeNames } from './index.ts';
import { until } from './machine/steps.ts';

const namespace = 'cluster-check';
const counts = { passed: 0, failed: 0 };

async function check(sentence: string, prove: () => Promise<void>): Promise<void> {
  const start = performance.now();
  try {
    await prove();
    counts.passed += 1;
    console.log(`ok   ${sentence} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  } catch (error) {
    counts.failed += 1;
    console.log(`FAIL ${sentence}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function apply(...objects: object[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await kubectl(['apply', '--namespace', namespace, '-f', '-'], { input: list });
}

/** Run a Job to its end and give what it printed. Throws with its log when it fails. */
async function runJob(job: ProbeJob): Promise<string> {
  await apply(probeJob(job));
  const of = ['--namespace', namespace, `job/${job.name}`];
  const end = await until(`the end of job "${job.name}"`, 60_000, async () => {
    const condition = '{.status.conditions[?(@.status=="True")].type}';
    const types = await kubectl(['get', ...of, '--output', `jsonpath=${condition}`]);
    return ['Complete', 'Failed'].find((type) => types.split(' ').includes(type));
  });
  const log = await kubectl(['logs', ...of]);
  assert.equal(end, 'Complete', log);
  return log;
}

async function podReason(job: string): Promise<string> {
  const path = 'jsonpath={.items[0].status.phase} {.items[0].status.conditions[0].reason}';
  return kubectl(['get', 'pods', '--namespace', namespace, '--selector', `job-name=${job}`, '--output', path]);
}

const settingsBefore = (await traces()).length === 0 ? await kernelSettings() : undefined;

await check('the cluster starts, or is found running', async () => {
  await clusterUp();
  assert.ok((await nodeNames()).length > 0);
});
await check('starting it again takes less than 3 seconds', async () => {
  const start = performance.now();
  await clusterUp();
  assert.ok(performance.now() - start < 3000);
});
await check('an image of this machine gets to the nodes, and a second time costs nothing', async () => {
  await provideProbeImage();
  await loadImage(probeImage);
  const start = performance.now();
  await loadImage(probeImage);
  assert.ok(performance.now() - start < 3000);
});
await kubectl(['delete', 'namespace', namespace, '--ignore-not-found']);
await kubectl(['create', 'namespace', namespace]);
await kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']);

await check('a restricted Job resolves a service by its name', async () => {
  const log = await runJob({ name: 'resolve', args: ['resolve', 'kubernetes.default.svc.cluster.local'] });
  assert.match(log, /\d+\.\d+\.\d+\.\d+/);
});
await check('a Job without root writes to a claim and another one reads it', async () => {
  await apply(claim('data'));
  await runJob({ name: 'write', args: ['write', '/data/file'], claim: 'data' });
  assert.equal(await runJob({ name: 'read', args: ['read', '/data/file'], claim: 'data' }), 'written by a pod\n');
});
await check('a failing Job is seen as failed', async () => {
  await assert.rejects(runJob({ name: 'missing', args: ['read', '/nowhere'] }), /no such file/);
});
await check('a pod gets all fake GPUs, and the next one has to wait', async () => {
  await apply(probeJob({ name: 'all-gpus', args: ['wait', '5m'], gpus: fakeGpus }));
  const runs = async (): Promise<true | undefined> =>
    (await podReason('all-gpus')).startsWith('Running') ? true : undefined;
  await until('the pod with all GPUs', 30_000, runs);
  await apply(probeJob({ name: 'one-more', args: ['wait', '5m'], gpus: 1 }));
  const waits = async (): Promise<true | undefined> =>
    (await podReason('one-more')) === 'Pending Unschedulable' ? true : undefined;
  await until('the refusal of one more GPU', 30_000, waits);
});
await kubectl(['delete', 'namespace', namespace]);

if (process.argv.includes('--down')) {
  await check('taking it down leaves nothing behind', async () => {
    await clusterDown();
    assert.deepEqual(await traces(), []);
    const after = await kernelSettings();
    for (const [name, line] of settingsBefore ?? []) assert.equal(after.get(name), line);
  });
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;
