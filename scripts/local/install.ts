import { join } from 'node:path';
import { helm, kubectl, loadImage } from '../../tests/cluster/index.ts';
import { buildImages } from '../images/build.ts';

const chart = join(import.meta.dirname, '../../charts/doctune');
export const systemNamespace = 'doctune-system';

export type Images = Awaited<ReturnType<typeof buildImages>>;

export async function provideImages(): Promise<Images> {
  const images = await buildImages();
  await loadImage(images.operator);
  await loadImage(images.trainer);
  return images;
}

const image = (name: string, reference: string): string[] => {
  const colon = reference.lastIndexOf(':');
  return [
    '--set',
    `${name}.repository=${reference.slice(0, colon)}`,
    '--set-string',
    `${name}.tag=${reference.slice(colon + 1)}`,
  ];
};

/** Install or upgrade the chart with the given images, and wait until the operator is ready. */
export async function installChart(images: Images, values: readonly string[] = []): Promise<void> {
  await helm([
    'upgrade', '--install', 'doctune', chart,
    '--namespace', systemNamespace, '--create-namespace',
    ...image('image', images.operator), ...image('trainer.image', images.trainer),
    ...values.flatMap((value) => ['--set', value]),
    '--wait', '--timeout', '3m',
  ]); // prettier-ignore
}

/** A namespace under the `restricted` Pod Security Standard, so that a pod with too many rights is refused. */
export async function createNamespace(name: string): Promise<void> {
  const object = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  };
  await kubectl(['apply', '-f', '-'], { input: JSON.stringify(object) });
}
