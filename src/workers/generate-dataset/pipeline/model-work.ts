import type { GenerateInput, OpenaiInput } from '../../../contract/inputs/generate.ts';
import { createBudget } from '../../model-endpoint/budget.ts';
import { openAnswerCache } from '../../model-endpoint/cache/open.ts';
import { acquireLease } from '../../model-endpoint/lease/acquire.ts';
import { openAsker, type Asker, type AskerOptions } from '../../model-endpoint/open-asker.ts';
import { usageMetrics, usageOf, type Usage } from '../../model-endpoint/usage.ts';
import { WorkerStopped } from '../../shell/failure.ts';
import type { WorkerContext } from '../../shell/run.ts';
import type { Tokenizer } from '../chunk/tokens.ts';
import type { Corpus } from '../corpus.ts';
import { estimateWhole } from '../model/estimate.ts';
import { openModelGenerator, type ModelGenerator } from '../model/open.ts';
import type { Growth } from '../plan/growth.ts';
import type { GenerateSummary } from './outcome.ts';
import type { Making } from './making.ts';

/** A model that writes, with all that it needs: what was paid for is in the store, and one worker alone asks for a run. */
export async function openModel(
  input: GenerateInput,
  openai: OpenaiInput,
  corpus: Corpus,
  tokenizer: Tokenizer,
  context: WorkerContext,
  growth: Growth | undefined,
): Promise<Making> {
  const folder = await context.store.cache('model-answers');
  const lease = await acquireLease(folder, `run-${input.run.id}`, { signal: context.signal });
  const signal = AbortSignal.any([context.signal, lease.lost]);
  const cache = await openAnswerCache({ folder, run: input.run.id, log: context.log });
  const budget = createBudget(input.budget);
  // a restarted worker goes on with the budget that is left
  budget.spend(cache.paid().usage);
  const askers: Asker[] = [];
  const close = async (): Promise<void> => {
    for (const asker of askers) await asker.close();
    await cache.close();
    await lease.release();
  };
  const open = async (settings: AskerOptions['input'], field: string): Promise<Asker> => {
    const estimateTokens = (text: string): number => tokenizer.count(text);
    const asker = await openAsker({ input: settings, field, cache, budget, estimateTokens, signal, log: context.log });
    askers.push(asker);
    return asker;
  };
  try {
    const write = await open(openai, 'spec.generator.openai');
    const judge = input.judge && (await open(input.judge.endpoint, 'spec.judge.openai'));
    const gap = input.knowledgeGap && (await open(input.knowledgeGap.endpoint, 'spec.knowledgeGap.openai'));
    const asked = { write, ...(judge === null ? {} : { judge }), ...(gap === null ? {} : { gap }) };
    const generator = await openModelGenerator({
      ...{ input, corpus, askers: asked },
      ...(growth === undefined ? {} : { growth }),
    });
    const forgetFailures = (): Promise<void> => cache.forgetPoor();
    return makingOf(generator, () => usageOf(cache, budget, askers), { openai, input, signal, forgetFailures, close });
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
      return estimateWhole({ usage: summaryOf(usage()), planned, whole });
    },
    stopped: () => new WorkerStopped(usage().requests > 0),
  };
}

const summaryOf = ({ requests, tokens, retries, cost }: Usage): GenerateSummary['usage'] & { cost: number | null } => ({
  requests,
  inputTokens: tokens.input,
  cachedInputTokens: tokens.cachedInput,
  outputTokens: tokens.output,
  retries: { ...retries },
  cost,
});
