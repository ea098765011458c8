import { WorkerFailure } from '../../shell/failure.ts';
import type { Finding } from '../fact.ts';

/** an endpoint that never answered in JSON after this many questions is asked no more */
const hopelessAfter = 8;

const formless: ReadonlySet<string> = new Set(['BAD_JSON', 'BAD_SCHEMA']);

export const isFormless = (reason: string): boolean => formless.has(reason);

/** Stops the run when a model just does not answer in the asked form. `field`: where its endpoint stands. */
export function createFormWatch(field: string, questions = hopelessAfter): (isBad: boolean) => void {
  let [good, bad] = [0, 0];
  return (isBad) => {
    if (isBad) bad += 1;
    else good += 1;
    if (good > 0 || bad < Math.min(hopelessAfter, questions)) return;
    const message =
      `none of ${bad} answers was JSON of the asked form: choose another ${field}.model, ` +
      `or raise ${field}.maxTokens if answers are cut`;
    throw new WorkerFailure('data', 'NotJson', message);
  };
}

/** Whether the writer gave nothing in the asked form; of what it wrote, a judge may have given no verdict. */
export const isUnwritten = (findings: readonly Finding[]): boolean =>
  findings.every((found) => 'refusal' in found && isFormless(found.refusal.reason) && found.refusal.row === null);
