/** `npm run demo`: from nothing to a trained, evaluated adapter on a real cluster. It can be run again. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterUp, kubeconfigPath, kubectl } from '../tests/cluster/index.ts';
import { imageSize, operatorMemory } from './demo/figures.ts';
import { hasLearned, renderResults } from './demo/table.ts';
import { LiveView, renderChain } from './demo/view.ts';
import { startGitServer, workTree } from './local/git-server.ts';
import { createNamespace, installChart, provideImages } from './local/install.ts';
import { conditionOf, isReady, isStalled, readChain, type Chain } from './local/objects.ts';
import { copyArtifacts } from './local/store.ts';

const root = join(import.meta.dirname, '..');
const namespace = 'doctune-demo';
const name = 'quickstart';
const output = join(root, 'demo-output');
const limitMinutes = 30;

const since = (start: number): string => `${((Date.now() - start) / 1000).toFixed(0)} s`;
const pause = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Show the chain until the evaluation is ready. Throws with the remedy when a stage can go no further by itself. */
async function watchUntilReady(): Promise<Chain> {
  const view = new LiveView();
  const end = Date.now() + limitMinutes * 60_000;
  for (;;) {
    const chain = await readChain(namespace, name);
    view.show(renderChain(chain));
    // an Evaluation stays ready while a newer adapter is trained, so all four must agree
    if (Object.values(chain).every((object) => isReady(object as Chain['source']))) return chain;
    for (const object of Object.values(chain) as Chain['source'][])
      if (isStalled(object))
        throw new Error(`${object?.kind ?? ''} "${name}" needs help: ${conditionOf(object, 'Stalled')?.message ?? ''}`);
    if (Date.now() > end)
      throw new Error(
        `not ready after ${limitMinutes} minutes: kubectl -n ${namespace} describe finetune tells what is waited for`,
      );
    await pause(2);
  }
}

const start = Date.now();
console.log('doctune demo: documents of fastify 5.12.8 -> rows -> LoRA adapter -> evaluation, on a real cluster.');
console.log(
  'Usually 6 minutes; 20 more on a machine that has to build the cluster first. Run it again as often as you like.\n',
);

const clusterStart = Date.now();
await clusterUp();
const clusterTime = since(clusterStart);
const images = await provideImages();
await installChart(images);
await createNamespace(namespace);
await startGitServer(namespace, images.operator);
{
  await using documents = await workTree(namespace, 'fastify', join(root, 'node_modules/fastify/docs'));
  await documents.push('documents of fastify 5.12.8');
}

console.log('\n$ kubectl apply -f examples/finetune.yaml');
const setUpTime = since(start);
const applied = Date.now();
console.log(
  await kubectl(['-n', namespace, 'apply', '-f', '-'], {
    input: await readFile(join(root, 'examples/finetune.yaml'), 'utf8'),
  }),
);
const { job, evaluation } = await watchUntilReady();
const chainTime = since(applied);

const results = evaluation?.status?.results ?? [];
console.log(`\n${renderResults(results)}\n`);
console.log(
  'The weights of smollm2-135m are dequantised from 4 bit: the figures compare base and tuned, not with other models.\n',
);

const adapter = job?.status?.artifact;
const report = evaluation?.status?.report;
if (!adapter || !report) throw new Error('the objects are ready but name no adapter or report: this is a bug');
await copyArtifacts(namespace, images.operator, {
  [adapter.uri]: join(output, 'adapter'),
  [report.uri]: join(output, 'report'),
});

console.log(`adapter      ${join(output, 'adapter/adapter')}  (${adapter.digest})`);
console.log(`loss curve   ${join(output, 'adapter/loss_curve.png')}`);
console.log(`report       ${join(output, 'report/report.md')}\n`);
console.log('What to type next:');
console.log(`  export KUBECONFIG=${kubeconfigPath()}`);
console.log(`  kubectl -n ${namespace} get finetune                      # the four objects`);
console.log(`  kubectl -n ${namespace} describe evaluation ${name}     # results, conditions, events`);
console.log('  kubectl explain finetunejob.spec.lora                    # every field teaches');
console.log('  npm run demo                                             # again: nothing changed, nothing is trained');
console.log('  npm run cluster:down                                     # leaves nothing behind\n');
console.log(`set-up until apply ${setUpTime} (cluster ${clusterTime}), apply to evaluation ready ${chainTime}`);
console.log(`operator image ${await imageSize(images.operator)}, operator memory ${await operatorMemory()}`);

if (!hasLearned(results)) {
  console.error(
    '\non "recall" the tuned model is not better with its interval above 0: that is a failure of this demo',
  );
  process.exitCode = 1;
}
