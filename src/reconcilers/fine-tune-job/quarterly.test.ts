import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { aDataset, aFineTuneJob, generated, settings } from '../../../tests/builders/objects.ts';
import { Scene, settle } from '../../../tests/builders/plans.ts';
import { trainResult } from '../../../tests/builders/pods.ts';
import type { FineTuneJob } from '../../api/v1alpha1/index.ts';
import { jobs } from '../../controller/kinds.ts';
import { fineTuneJobReconciler } from './index.ts';

const day = 24 * 3600;

function example(): FineTuneJob {
  const text = readFileSync(join(import.meta.dirname, '../../../examples/quarterly.yaml'), 'utf8');
  const found = parseAllDocuments(text)
    .map((document) => document.toJS() as FineTuneJob)
    .find(({ kind }) => kind === 'FineTuneJob');
  return aFineTuneJob(found?.spec, 'quarterly');
}

/** Rows of that day are there, and what is to be done about them is done. */
function rows(scene: Scene<FineTuneJob>, content: string): void {
  scene.world.put(generated(aDataset({}, 'quarterly'), content));
  settle(scene);
}

/** The run under way comes to its end, if there is one. Gives its day. */
function finish(scene: Scene<FineTuneJob>): string | undefined {
  const job = scene.world.all(jobs).find(({ status }) => status?.conditions === undefined);
  if (job === undefined) return undefined;
  scene.pods.running(job);
  scene.pods.succeeded(trainResult(`adapter of ${job.metadata.name}`), job);
  settle(scene);
  return scene.world.now().toISOString().slice(0, 10);
}

it('[C78] documents that change every week are trained on the first day of each quarter, and unchanged ones never', () => {
  const scene = new Scene<FineTuneJob>(fineTuneJobReconciler(settings), example());
  expect(scene.object.spec.method).toBe('Full');
  rows(scene, 'first rows');
  // the very first model does not wait for the calendar
  const trained = [finish(scene)];
  for (let days = 1; days <= 450; days++) {
    scene.world.wait(day);
    if (days % 7 === 0 && days < 300) rows(scene, `rows of day ${days}`);
    settle(scene);
    const date = finish(scene);
    if (date !== undefined) trained.push(date);
  }
  // it is noon, and from 22 November 2026 on; the last change is of September 2027, so January 2028 trains nothing
  expect(trained).toEqual(['2026-11-22', '2027-01-01', '2027-04-01', '2027-07-01', '2027-10-01']);
  expect(scene.object.status?.history).toHaveLength(4);
});
