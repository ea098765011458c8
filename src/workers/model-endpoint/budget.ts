import { WorkerFailure } from '../shell/failure.ts';

export interface Budget {
  /** Wait for room for this many tokens; throws a `budget` failure when there will be none. Call the result with what was used. */
  reserve(tokens: number): Promise<(used: number) => void>;
  /** Count what an earlier attempt of this run has paid. */
  spend(tokens: number): void;
}

/** A hard limit: the worst case of a request is reserved before it is sent. */
export function createBudget(maxTokens: number | null): Budget {
  let used = 0;
  let reserved = 0;
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  };
  return {
    spend(tokens) {
      used += tokens;
    },
    async reserve(tokens) {
      while (maxTokens !== null && used + reserved + tokens > maxTokens) {
        if (reserved === 0) throw exceeded(maxTokens, used, tokens);
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      reserved += tokens;
      return (actual) => {
        reserved -= tokens;
        used += actual;
        wake();
      };
    },
  };
}

function exceeded(maxTokens: number, used: number, tokens: number): WorkerFailure {
  const message =
    `spec.budget.maxTokens ${maxTokens} has no room for the next request: ${used} are used and it may take ${tokens}; ` +
    'raise it, or lower spec.rows.max or spec.generator.openai.maxTokens; what is paid for is kept';
  return new WorkerFailure('budget', 'BudgetExceeded', message);
}
