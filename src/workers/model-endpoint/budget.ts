import { WorkerFailure } from '../shell/failure.ts';
import { costOf, type Prices } from './prices.ts';
import { addTokens, noTokens, type TokenCounts } from './question.ts';

export interface BudgetOptions {
  maxTokens: number | null;
  maxCost: number | null;
  /** without them nothing has a cost */
  prices: Prices | null;
}

/** A hard limit on tokens and money, shared by all endpoints of a run. */
export interface Budget {
  /**
   * Wait for room for the worst case of a request; throws a `budget` failure when there will be none, and from then on.
   * Call the result with what was used.
   */
  reserve(worst: TokenCounts): Promise<(used: TokenCounts) => void>;
  /** Count what an earlier process of this run has paid. */
  spend(used: TokenCounts): void;
  costOf(used: TokenCounts): number | null;
}

/** Limit and use are in the unit of the field. */
interface Shortage {
  field: string;
  limit: number;
  used: number;
  worst: number;
}

export function createBudget({ maxTokens, maxCost, prices }: BudgetOptions, field = 'spec.budget'): Budget {
  if (maxCost !== null && prices === null) {
    const message = `${field}.maxCost says nothing without prices: name them in ${field}.prices`;
    throw new WorkerFailure('config', 'NoPrices', message);
  }
  let used: TokenCounts = noTokens;
  let reserved: TokenCounts = noTokens;
  let inFlight = 0;
  let exceeded: WorkerFailure | undefined;
  let waiting: (() => void)[] = [];

  const cost = (counts: TokenCounts): number => (prices === null ? 0 : costOf(counts, prices));
  const shortageFor = (worst: TokenCounts): Shortage | undefined => {
    const [spent, asked] = [addTokens(used, reserved), addTokens(addTokens(used, reserved), worst)];
    if (maxTokens !== null && sum(asked) > maxTokens) {
      return { field: `${field}.maxTokens`, limit: maxTokens, used: sum(spent), worst: sum(worst) };
    }
    if (maxCost !== null && cost(asked) > maxCost) {
      return { field: `${field}.maxCost`, limit: maxCost, used: cost(spent), worst: cost(worst) };
    }
    return undefined;
  };
  const settle = (worst: TokenCounts, actual: TokenCounts): void => {
    reserved = addTokens(reserved, negative(worst));
    inFlight -= 1;
    used = addTokens(used, actual);
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  };

  return {
    spend: (tokens) => void (used = addTokens(used, tokens)),
    costOf: (tokens) => (prices === null ? null : cost(tokens)),
    async reserve(worst) {
      for (let shortage = shortageFor(worst); shortage !== undefined; shortage = shortageFor(worst)) {
        if (inFlight === 0) exceeded ??= failureOf(shortage);
        if (exceeded !== undefined) throw exceeded;
        // what is under way may use less than its worst case
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      if (exceeded !== undefined) throw exceeded;
      reserved = addTokens(reserved, worst);
      inFlight += 1;
      return (actual) => settle(worst, actual);
    },
  };
}

const sum = ({ input, output }: TokenCounts): number => input + output;
const negative = ({ input, cachedInput, output }: TokenCounts): TokenCounts => ({
  input: -input,
  cachedInput: -cachedInput,
  output: -output,
});

function failureOf({ field, limit, used, worst }: Shortage): WorkerFailure {
  const shown = (value: number): string => String(Number(value.toPrecision(6)));
  const message =
    `${field} ${limit} has no room for the next request: ${shown(used)} are used and it may take ${shown(worst)}; ` +
    'raise it, or ask for less; what is paid for is kept';
  return new WorkerFailure('budget', 'BudgetExceeded', message);
}
