import type { GenerateInput, OpenaiInput } from '../../../contract/inputs/generate.ts';
import { usageMetrics, type Usage } from '../../model-endpoint/usage.ts';
import { WorkerStopped } from '../../shell/failure.ts';
import type { WorkerContext } from '../../shell/run.ts';
import type { Tokenizer } from '../chunk/tokens.ts';
import type { Corpus } from '../corpus.ts';
import { estimateWhole } from '../model/estimate.ts';
import { openModelGenerator, type ModelGenerator } from '../model/open.ts';
import type { Growth } from '../plan/growth.ts';
import { openEndpoints, summaryOf } from './endpoints.ts';
import type { Making } from './making.ts';

/** A model that writes, with those that judge and that are to be tuned. */
export async function openModel(
  input: GenerateInput,
  openai: OpenaiInput,
  corpus: Corpus,
  tokenizer: Tokenizer,
  context: WorkerContext,
  growth: Growth | undefined,
): Promise<Making> {
  const endpoints = await openEndpoints(input, tokenizer, context);
  const { open, signal, usage, forgetFailures, close } = endpoints;
  try {
    const write = await open(openai, 'spec.generator.openai');
    const judge = input.judge && (await open(input.judge.endpoint, 'spec.judge.openai'));
    const gap = input.knowledgeGap && (await open(input.knowledgeGap.endpoint, 'spec.knowledgeGap.openai'));
    const asked = { write, ...(judge === null ? {} : { judge }), ...(gap === null ? {} : { gap }) };
    const generator = await openModelGenerator({
      ...{ input, corpus, askers: asked },
      ...(growth === undefined ? {} : { growth }),
    });
    return makingOf(generator, usage, { openai, input, signal, forgetFailures, close });
  } catch (error) {
    await close();
    throw error;
  }
}

interface Rest {
  openai: OpenaiInput;
  input: GenerateInput;
  signal: AbortSignal;
  forgetFailures: Making['forgetFailures'];
  close: Making['close'];
}

function makingOf(generator: ModelGenerator, usage: () => Usage, { openai, input, ...rest }: Rest): Making {
  return {
    ...{ generator, ...rest },
    // a unit may ask several questions one after the other: there are always some that wait for the endpoint
    concurrency: 2 * openai.concurrency,
    prompts: generator.prompts,
    unplanned: generator.unplanned,
    asked: generator.asked,
    usage: () => summaryOf(usage()),
    metrics: () => usageMetrics(usage()),
    agreement: () => generator.agreement(),
    estimate() {
      if (input.preview === null) return null;
      const { planned, whole } = generator;
      return estimateWhole({ met: usage().met, planned, whole });
    },
    stopped: () => new WorkerStopped(usage().requests > 0),
  };
}
