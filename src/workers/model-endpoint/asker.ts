import type { Logger } from 'pino';
import type { EndpointInput } from '../../contract/inputs.ts';
import type { Budget } from './budget.ts';
import type { AnswerCache } from './cache/open.ts';
import type { Form } from './form.ts';
import type { Latency } from './meter.ts';
import type { Outcome } from './outcome.ts';
import type { Policy } from './policy.ts';
import type { Answer, Question, TokenCounts } from './question.ts';
import type { Trouble } from './trouble.ts';

/** Answers, with what they took whenever they were paid for. */
export interface Met {
  requests: number;
  tokens: TokenCounts;
  /** null where nothing has a price */
  cost: number | null;
}

export interface AskerOptions {
  input: EndpointInput;
  /** of the spec, for messages, such as `spec.generator.openai` */
  field: string;
  /** shared by all askers of a run */
  cache: AnswerCache;
  /** shared by all askers of a run */
  budget: Budget;
  estimateTokens: (text: string) => number;
  /** ends what is under way at once */
  signal: AbortSignal;
  log: Logger;
  policy?: Policy;
}

export interface Asker {
  /** the most tokens that an answer may have */
  readonly maxTokens: number;
  /** Throws PromptRejected for this question alone, and a WorkerFailure when the run must stop. */
  ask(question: Question): Promise<Answer>;
  /** Ask for JSON of a form. Throws only when the run must stop. */
  askFor<T>(question: Omit<Question, 'form'>, form: Form<T>): Promise<Outcome<T>>;
  /** Count trouble that only the reader of an answer sees. */
  countRetry(trouble: Trouble): void;
  /** what this process sees; `usageOf` tells what the run has paid */
  live(): {
    inFlight: number;
    queued: number;
    concurrency: number;
    cacheHits: number;
    /** answers that other runs have paid for, each once, at the prices of this one */
    found: Met;
    latency: Latency;
  };
  /** Let what is under way finish, since it is paid for; then ask nothing more. */
  close(): Promise<void>;
}
