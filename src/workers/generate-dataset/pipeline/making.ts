import type { GenerateInput } from '../../../contract/inputs.ts';
import type { WorkerStopped } from '../../shell/failure.ts';
import type { WorkerContext } from '../../shell/run.ts';
import type { Generator, Unplanned } from '../corpus.ts';
import type { Agreement } from '../judge/calibrate.ts';
import type { GenerateSummary } from './outcome.ts';

/** A generator with what it uses. */
export interface Making {
  generator: Generator;
  /** units under way at the same time */
  concurrency: number;
  signal: AbortSignal;
  /** digests of the prompts by name */
  prompts?: Record<string, string>;
  /** usable chunks that nothing is asked about */
  unplanned?: readonly Unplanned[];
  /** keys of what a model is asked, for the growth of the next version */
  asked?: readonly string[];
  usage: () => GenerateSummary['usage'];
  /** figures of the endpoints for progress reports */
  metrics: () => Record<string, number>;
  /** asks the judge, where it is asked for */
  agreement: () => Promise<Agreement>;
  estimate: () => GenerateSummary['estimate'];
  /** what to throw after SIGTERM */
  stopped?: () => WorkerStopped;
  /** Let another attempt at this run ask again what got no usable answer. */
  forgetFailures: () => Promise<void>;
  close: () => Promise<void>;
}

/** units that are worked on side by side where nothing is waited for but the disk */
const localConcurrency = 2;

/** A generator that asks nobody and costs nothing. */
export const makingWithoutModel = (
  generator: Generator,
  { preview }: GenerateInput,
  { signal }: WorkerContext,
  close: Making['close'] = () => Promise.resolve(),
): Making => ({
  ...{ generator, signal, close, concurrency: localConcurrency },
  usage: () => ({ requests: 0, inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, retries: {}, cost: null }),
  metrics: () => ({}),
  agreement: () => Promise.resolve({ kappa: null }),
  forgetFailures: () => Promise.resolve(),
  estimate: () => (preview === null ? null : { requests: 0, tokens: 0, cost: null }),
});
