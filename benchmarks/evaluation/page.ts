export type Arm = 'doctune' | 'lm-eval';
export type Work = 'generation' | 'loglikelihood';

export interface Took {
  wall: number;
  processor: number;
}

export interface Speed {
  items: number;
  promptTokens: number;
  answerTokens: number;
  threads: number;
  seconds: Record<Work, Record<Arm, Took[]>>;
  sameAnswers: number;
  largestDifference: number;
}

export interface Concurrency {
  questions: number;
  concurrency: number;
  seconds: number;
  use: number;
  answering: number;
  mostAtOnce: number;
}

export interface Sizes {
  rounds: number;
  batch: number;
  newTokens: number;
}

export const goals = { ratio: 1, use: 0.95 };

const works: readonly Work[] = ['generation', 'loglikelihood'];

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Of our items a second and lm-eval's, round by round: the arms had the machine in turns. */
function ratiosOf({ seconds }: Speed, work: Work, of: keyof Took): number[] {
  const { doctune, 'lm-eval': theirs } = seconds[work];
  return doctune.map((took, round) => (theirs[round]?.[of] ?? Number.NaN) / took[of]);
}

export const ratioOf = (speed: Speed, work: Work, of: keyof Took): number => median(ratiosOf(speed, work, of));

/** Processor time decides: what else runs on the machine makes wall time of it. */
export const reachesGoals = (speed: Speed, { use }: Concurrency): boolean =>
  works.every((work) => ratioOf(speed, work, 'processor') >= goals.ratio) && use >= goals.use;

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

function speedTable(speed: Speed): string {
  const head = ['', 'doctune', 'lm-eval', 'ratio', 'rounds', 'ratio of wall time'];
  const rate = (work: Work, arm: Arm): string =>
    `${median(speed.seconds[work][arm].map(({ processor }) => speed.items / processor)).toFixed(2)} items/s`;
  const rows = works.map((work) => [
    work === 'generation' ? 'answers' : 'log-likelihoods',
    rate(work, 'doctune'),
    rate(work, 'lm-eval'),
    ratioOf(speed, work, 'processor').toFixed(2),
    ratiosOf(speed, work, 'processor')
      .map((ratio) => ratio.toFixed(2))
      .join(', '),
    ratioOf(speed, work, 'wall').toFixed(2),
  ]);
  return [head, head.map(() => '---'), ...rows].map(row).join('\n');
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** docs/evaluation-benchmark.md: every figure is one that this run has measured. */
export function renderPage(speed: Speed, judge: Concurrency, { rounds, batch, newTokens }: Sizes): string {
  const parts = [
    '# Evaluation benchmark',
    '<!-- Written by "npm run bench:eval". Do not edit. -->',
    [
      'The evaluator beside [lm-eval](https://github.com/EleutherAI/lm-evaluation-harness), the harness of the trainer image, on the',
      `same model in memory (\`builtIn: smollm2-135m\`), the same token ids of ${speed.items} questions about the documentation of this`,
      `repository (${speed.promptTokens} tokens of prompts, ${speed.answerTokens} of answers), batches of ${batch}, at most`,
      `${newTokens} new tokens, greedy, ${speed.threads} thread${speed.threads === 1 ? '' : 's'}. The arms take turns for ${rounds} rounds;`,
      'figures are medians of the rounds, a ratio above 1 says that ours is faster. Seconds are those of the processor, since',
      'wall time has in it what else the machine was doing.',
    ].join('\n'),
    speedTable(speed),
    `${speed.sameAnswers} of ${speed.items} answers are the same to the letter; log-likelihoods differ by ${speed.largestDifference.toPrecision(2)} at most.`,
    [
      'Both sort by length. Ours takes a row out of the batch when its answer ends, and computes the logits of answers alone.',
    ].join('\n'),
    '## Questions to a judge',
    [
      `${judge.questions} questions to an endpoint of the tests that takes 0.1 to 0.3 s for an answer, ${judge.concurrency} at a time`,
      `allowed, took ${judge.seconds.toFixed(1)} s: ${percent(judge.use)} of the allowed concurrency was in use (the goal is ${percent(goals.use)}),`,
      `${percent(judge.answering)} by the time of the endpoint alone; never more than ${judge.mostAtOnce} at once.`,
    ].join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}
