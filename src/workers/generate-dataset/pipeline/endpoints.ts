import type { EndpointInput, GenerateInput } from '../../../contract/inputs/generate.ts';
import { createBudget } from '../../model-endpoint/budget.ts';
import { openAnswerCache } from '../../model-endpoint/cache/open.ts';
import { acquireLease } from '../../model-endpoint/lease/acquire.ts';
import { openAsker, type Asker } from '../../model-endpoint/open-asker.ts';
import { usageOf, type Usage } from '../../model-endpoint/usage.ts';
import type { WorkerContext } from '../../shell/run.ts';
import type { Tokenizer } from '../chunk/tokens.ts';
import type { GenerateSummary } from './outcome.ts';

/** The models that a run asks: what was paid for is in the store, and one worker alone asks for a run. */
export interface Endpoints {
  /** also aborted when another worker has taken the run over */
  signal: AbortSignal;
  /** `field`: of the spec, for messages */
  open: (settings: EndpointInput, field: string) => Promise<Asker>;
  usage: () => Usage;
  forgetFailures: () => Promise<void>;
  close: () => Promise<void>;
}

export async function openEndpoints(
  input: GenerateInput,
  tokenizer: Tokenizer,
  context: WorkerContext,
): Promise<Endpoints> {
  const folder = await context.store.cache('model-answers');
  const lease = await acquireLease(folder, `run-${input.run.id}`, { signal: context.signal });
  const signal = AbortSignal.any([context.signal, lease.lost]);
  const cache = await openAnswerCache({ folder, run: input.run.id, log: context.log });
  const budget = createBudget(input.budget);
  // a restarted worker goes on with the budget that is left
  const paid = cache.paid();
  budget.spend(paid.usage, paid.cost ?? 0);
  const askers: Asker[] = [];
  const estimateTokens = (text: string): number => tokenizer.count(text);
  return {
    signal,
    async open(settings, field) {
      const asker = await openAsker({
        input: settings,
        field,
        cache,
        budget,
        estimateTokens,
        signal,
        log: context.log,
      });
      askers.push(asker);
      return asker;
    },
    usage: () => usageOf(cache, budget, askers),
    forgetFailures: () => cache.forgetPoor(),
    async close() {
      for (const asker of askers) await asker.close();
      await cache.close();
      await lease.release();
    },
  };
}

/** Usage as the result of a run tells it. */
export const summaryOf = ({
  requests,
  tokens,
  retries,
  cost,
}: Usage): GenerateSummary['usage'] & { cost: number | null } => ({
  requests,
  inputTokens: tokens.input,
  cachedInputTokens: tokens.cachedInput,
  outputTokens: tokens.output,
  retries: { ...retries },
  cost,
});
