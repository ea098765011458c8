import type { DocumentationSet } from '../data/sets.ts';
import { naiveSteps, written, type Arm } from './arms.ts';
import { numberOfQuestions, type LearningSet } from './dataset.ts';

export interface LearningFigures {
  set: DocumentationSet;
  made: LearningSet;
  arms: Arm[];
}

export const goal = { keyTerms: 30, unseenRise: 0.05 };

const signed = (share: number): string => `${share >= 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
const riseOf = (arm: Arm, base: Arm): number => arm.unseenPerplexity / base.unseenPerplexity - 1;

/** Whether a run knows the documents and has kept the rest. */
export const reachesGoal = (arm: Arm, base: Arm): boolean =>
  arm.keyTerms >= goal.keyTerms && riseOf(arm, base) <= goal.unseenRise;

/** docs/learning-benchmark.md: every figure is one that this run has measured. */
export function renderPage(figures: readonly LearningFigures[], tried: string): string {
  const parts = figures.flatMap(({ set, made, arms }) => [
    `## ${set.name} ${set.version}`,
    `${made.rows.train} training rows about ${made.facts} facts in three wordings; the fourth wording of each is held back: ${numberOfQuestions} of these are the questions. ${made.rows.test} rows of documents that are not trained are the unseen ones.`,
    table(arms),
    verdict(arms),
  ]);
  const note = '<!-- Written by "npm run bench:learning". Do not edit. -->';
  return `${['# Learning benchmark', note, introduction, ...parts, tried].join('\n\n')}\n`;
}

const introduction = [
  'SmolLM2-135M-Instruct (`builtIn: smollm2-135m`; its weights are dequantised from Q4_1, so that figures differ from',
  `those of the original model) learns documents for ${written.training.maxSteps} steps of two rows, on CPUs; beside it a plain loop of`,
  `${naiveSteps} steps of four on the same facts (benchmarks/learning/naive.py). A FineTuneJob with these fields`,
  `(\`${JSON.stringify(written)}\` in \`spec\`) and else its defaults is what is measured.`,
  'Key terms are the names and numbers of a reference answer that its question does not tell; an answer counts that has',
  "at least half of them (benchmarks/learning/key-terms.ts). The recipe was chosen on another documentation's rows.",
  'Perplexity is that of the answers, over their tokens. Seconds are those of the whole container, on the machine at hand.',
].join('\n');

function table(arms: readonly Arm[]): string {
  const [base] = arms;
  if (base === undefined) return '';
  const head = [
    '',
    'seed',
    'key terms',
    'BLEU',
    'recall perplexity',
    'unseen perplexity',
    'change',
    'seconds',
    'of the processor',
  ];
  const rows = arms.map((arm) => [
    arm.name,
    arm.seed ?? '',
    `${arm.keyTerms} of ${numberOfQuestions}`,
    arm.bleu.toFixed(1),
    arm.recallPerplexity.toFixed(2),
    arm.unseenPerplexity.toFixed(2),
    arm === base ? '' : signed(riseOf(arm, base)),
    arm.taken === null ? '' : Math.round(arm.taken.seconds),
    arm.taken === null ? '' : Math.round(arm.taken.processorSeconds),
  ]);
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function verdict(arms: readonly Arm[]): string {
  const [base, ...others] = arms;
  const ours = others.filter(({ name }) => name === 'doctune');
  const reached = base === undefined ? 0 : ours.filter((arm) => reachesGoal(arm, base)).length;
  return `The goal, key terms in ${goal.keyTerms} answers at ${signed(goal.unseenRise)} on unseen files, was reached by ${reached} of ${ours.length} seeds.`;
}
