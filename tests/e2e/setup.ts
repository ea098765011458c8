import type { TestProject } from 'vitest/node';
import { clusterUp } from '../cluster/index.ts';
import { installChart, provideImages, type Images } from '../../scripts/local/install.ts';

declare module 'vitest' {
  interface ProvidedContext {
    images: Images;
  }
}

/** Cluster, images and chart, once for all files; all are left for the next run. */
export default async function setup(project: TestProject): Promise<void> {
  await clusterUp();
  const images = await provideImages();
  // the test site and the test bucket are at private addresses
  await installChart(images, ['workers.allowedNetworks={10.0.0.0/8}']);
  project.provide('images', images);
}
