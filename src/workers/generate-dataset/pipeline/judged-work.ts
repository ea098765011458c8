import pMap from 'p-map';
import type { GenerateInput } from '../../../contract/inputs.ts';
import { usageMetrics } from '../../model-endpoint/usage.ts';
import { WorkerStopped } from '../../shell/failure.ts';
import type { WorkerContext } from '../../shell/run.ts';
import type { Tokenizer } from '../chunk/tokens.ts';
import type { Corpus, Generator, Unit } from '../corpus.ts';
import type { Finding } from '../fact.ts';
import { calibrate, readCalibration } from '../judge/calibrate.ts';
import { judgeFact } from '../judge/judge-fact.ts';
import { openJudge, type Judge } from '../judge/judge.ts';
import { estimateWhole, type Extent } from '../model/estimate.ts';
import { loadTemplates } from '../prompts/load.ts';
import { openEndpoints, summaryOf } from './endpoints.ts';
import type { Making } from './making.ts';

export interface Judging {
  input: GenerateInput;
  corpus: Corpus;
  tokenizer: Tokenizer;
  context: WorkerContext;
  /** units of the whole, where a preview makes some of them only */
  whole: readonly Unit[];
}

/** Let a judge see what was made without a model, where one is asked for: rows of structure, and rows made elsewhere. */
export async function withJudge(making: Making, judging: Judging): Promise<Making> {
  const { input, tokenizer, context } = judging;
  const { judge: settings } = input;
  if (settings === null) return making;
  const templates = await loadTemplates(input.prompts);
  const calibration = settings.calibration === null ? [] : await readCalibration(settings.calibration);
  const endpoints = await openEndpoints(input, tokenizer, context);
  const closeAll = async (): Promise<void> => {
    await endpoints.close();
    await making.close();
  };
  try {
    const asker = await endpoints.open(settings.endpoint, 'spec.judge.openai');
    const judge = openJudge(settings, asker, templates);
    return {
      ...making,
      generator: judgedGenerator(making.generator, judge, settings.endpoint.concurrency, judging),
      signal: endpoints.signal,
      prompts: templates.digests(),
      usage: () => summaryOf(endpoints.usage()),
      metrics: () => usageMetrics(endpoints.usage()),
      agreement: () => calibrate(judge, calibration),
      estimate() {
        if (input.preview === null) return null;
        const [planned, whole] = [making.generator.units, judging.whole].map(extentOf) as [Extent, Extent];
        return estimateWhole({ met: endpoints.usage().met, planned, whole });
      },
      stopped: () => new WorkerStopped(endpoints.usage().requests > 0),
      forgetFailures: endpoints.forgetFailures,
      close: closeAll,
    };
  } catch (error) {
    await endpoints.close();
    throw error;
  }
}

/** The same units, whose facts must stand the judge too. */
function judgedGenerator(
  generator: Generator,
  judge: Judge,
  concurrency: number,
  { corpus, input: { rows } }: Judging,
): Generator {
  return {
    ...generator,
    async run(unit, signal) {
      const judgeOne = async (finding: Finding): Promise<Finding> => {
        signal.throwIfAborted();
        return 'fact' in finding ? judgeFact(finding.fact, { judge, unit, corpus, wordings: rows.wordings }) : finding;
      };
      return pMap(await generator.run(unit, signal), judgeOne, { concurrency });
    },
  };
}

/** One request a row, all about as long. */
function extentOf(units: readonly Unit[]): Extent {
  const rows = units.reduce((sum, { rowsPlanned }) => sum + rowsPlanned, 0);
  return { units: rows, rows, promptTokens: rows };
}
