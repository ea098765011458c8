import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { anArtifact, anEvaluation } from '../builders/objects.ts';
import { promotedData } from '../../src/reconcilers/evaluation/promotion/config-map.ts';
import { kubectlBinary } from '../cluster/index.ts';
import { adminTransport } from './install.ts';
import { kubectlAsAdmin } from './kubectl.ts';
import { freshNamespace } from './namespace.ts';

const admin = adminTransport(inject('apiServer'));
const examples = join(import.meta.dirname, '../../examples');

beforeAll(async () => {
  await kubectlBinary();
}, 900_000);

describe('the examples', () => {
  test.each(['finetune.yaml', 'quarterly.yaml', 'chat.yaml'])('%s is taken by a real API server', async (name) => {
    const namespace = await freshNamespace(admin, 'examples');
    const args = ['--namespace', namespace, 'apply', '--server-side', '--dry-run=server', '--validate=strict'];
    const told = await kubectlAsAdmin([...args, '--filename', join(examples, name)]);
    const documents = parseAllDocuments(await readFile(join(examples, name), 'utf8'));
    expect(told.trim().split('\n')).toHaveLength(documents.length);
  });

  test('[C84] the chat reads a key that a promoted adapter has, from the ConfigMap of the quickstart', async () => {
    const documents = parseAllDocuments(await readFile(join(examples, 'chat.yaml'), 'utf8'));
    const { spec } = documents[0]!.toJS() as {
      spec: {
        template: {
          spec: {
            containers: {
              args: string[];
              env: { name: string; valueFrom: { configMapKeyRef: { name: string; key: string } } }[];
              volumeMounts: { name: string; mountPath: string }[];
            }[];
            volumes: { name: string; persistentVolumeClaim?: { claimName: string } }[];
          };
        };
      };
    };
    const [container] = spec.template.spec.containers;
    const promoted = { artifact: anArtifact('adapters', 'a'), since: '2026-11-22T12:00:00Z', method: 'LoRA' };
    const data = promotedData(anEvaluation(), promoted);
    for (const { name, valueFrom } of container!.env) {
      expect(valueFrom.configMapKeyRef.name).toBe('quickstart-promoted');
      expect(data[valueFrom.configMapKeyRef.key]).toBeDefined();
      expect(container!.args.join(' ')).toContain(`$(${name})`);
    }
    const store = container!.volumeMounts.find(({ name }) => name === 'store');
    expect(data['loraModules']).toContain(`=${store!.mountPath}/artifacts/`);
    const claim = spec.template.spec.volumes.find(({ name }) => name === 'store')?.persistentVolumeClaim?.claimName;
    expect(claim).toBe(data['claim']);
  });
});
