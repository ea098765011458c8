import { WorkerFailure } from '../shell/failure.ts';
import { costOf, type Prices } from './prices.ts';
import { addTokens, noTokens, type TokenCounts } from './question.ts';

export interface BudgetOptions {
  maxTokens: number | null;
  maxCost: number | null;
  /** of endpoints without prices of their own; without any, nothing has a cost */
  prices: Prices | null;
}

/** A hard limit on tokens and money, as one endpoint meets it. */
export interface EndpointBudget {
  /**
   * Wait for room for the worst case of a request; throws a `budget` failure when there will be none, and from then on.
   * Call the result with what was used.
   */
  reserve(worst: TokenCounts): Promise<(used: TokenCounts) => void>;
  costOf(used: TokenCounts): number | null;
}

/** A hard limit on tokens and money, shared by all endpoints of a run, whatever each of them costs. */
export interface Budget {
  at(prices: Prices | null): EndpointBudget;
  /** Count what an earlier process of this run has paid. */
  spend(used: TokenCounts, cost: number): void;
}

/** Tokens, and the money they cost where they are used. */
interface Amount {
  tokens: TokenCounts;
  cost: number;
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
  let used: Amount = { tokens: noTokens, cost: 0 };
  let reserved = used;
  let inFlight = 0;
  let exceeded: WorkerFailure | undefined;
  let waiting: (() => void)[] = [];

  const shortageFor = (worst: Amount): Shortage | undefined => {
    const [spent, asked] = [add(used, reserved), add(add(used, reserved), worst)];
    if (maxTokens !== null && sum(asked.tokens) > maxTokens) {
      return { field: `${field}.maxTokens`, limit: maxTokens, used: sum(spent.tokens), worst: sum(worst.tokens) };
    }
    if (maxCost !== null && asked.cost > maxCost) {
      return { field: `${field}.maxCost`, limit: maxCost, used: spent.cost, worst: worst.cost };
    }
    return undefined;
  };
  const settle = (worst: Amount, actual: Amount): void => {
    reserved = add(reserved, negative(worst));
    inFlight -= 1;
    used = add(used, actual);
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  };

  const reserve = async (worst: Amount): Promise<(actual: Amount) => void> => {
    for (let shortage = shortageFor(worst); shortage !== undefined; shortage = shortageFor(worst)) {
      if (inFlight === 0) exceeded ??= failureOf(shortage);
      if (exceeded !== undefined) throw exceeded;
      // what is under way may use less than its worst case
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    if (exceeded !== undefined) throw exceeded;
    reserved = add(reserved, worst);
    inFlight += 1;
    return (actual) => settle(worst, actual);
  };

  return {
    spend: (tokens, cost) => void (used = add(used, { tokens, cost })),
    at(own) {
      const priced = own ?? prices;
      const amount = (tokens: TokenCounts): Amount => ({
        tokens,
        cost: priced === null ? 0 : costOf(tokens, priced),
      });
      return {
        costOf: (tokens) => (priced === null ? null : amount(tokens).cost),
        async reserve(worst) {
          const settled = await reserve(amount(worst));
          return (tokens) => settled(amount(tokens));
        },
      };
    },
  };
}

const add = (a: Amount, b: Amount): Amount => ({ tokens: addTokens(a.tokens, b.tokens), cost: a.cost + b.cost });
const sum = ({ input, output }: TokenCounts): number => input + output;
const negative = ({ tokens: { input, cachedInput, output }, cost }: Amount): Amount => ({
  tokens: { input: -input, cachedInput: -cachedInput, output: -output },
  cost: -cost,
});

function failureOf({ field, limit, used, worst }: Shortage): WorkerFailure {
  const shown = (value: number): string => String(Number(value.toPrecision(6)));
  const message =
    `${field} ${limit} has no room for the next request: ${shown(used)} are used and it may take ${shown(worst)}; ` +
    'raise it, or ask for less; what is paid for is kept';
  return new WorkerFailure('budget', 'BudgetExceeded', message);
}
