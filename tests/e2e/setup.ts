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
  await installChart(images);
  project.provide('images', images);
}
