import { WorkerFailure } from '../../shell/failure.ts';
import type { Finding } from '../fact.ts';

/** an endpoint that never answered in JSON after this many units is asked no more */
const hopelessAfter = 8;

const formless = new Set(['BAD_JSON', 'BAD_SCHEMA']);

/** Look at what each unit gave, and stop the run when a model just does not answer in the asked form. */
export function createFormWatch(units: number): (findings: Finding[]) => Finding[] {
  let [good, bad] = [0, 0];
  return (findings) => {
    const isFormless = findings.every((found) => 'refusal' in found && formless.has(found.refusal.reason));
    if (isFormless) bad += 1;
    else good += 1;
    if (good > 0 || bad < Math.min(hopelessAfter, units)) return findings;
    const message =
      `none of ${bad} answers was JSON of the asked form: choose another spec.generator.openai.model, ` +
      'or raise spec.generator.openai.maxTokens if answers are cut';
    throw new WorkerFailure('data', 'NotJson', message);
  };
}
