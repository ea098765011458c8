import { startUpPhases } from '../../src/contract/result.ts';
import type { DocumentationSet } from '../data/sets.ts';
import type { Rows } from '../learning/dataset.ts';
import { builtIn } from '../in-trainer/worker.ts';
import { written, type Arm } from './arms.ts';

/** A ratio below it is a defect. */
export const leastRatio = 0.98;

export interface TrainingFigures {
  set: DocumentationSet;
  made: Rows;
  trl: string;
  arms: Arm[];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const named = (arms: readonly Arm[], name: Arm['name']): Arm[] => arms.filter((arm) => arm.name === name);

/** Tokens a second of all rounds of an arm together. */
const rate = (arms: readonly Arm[], name: Arm['name'], by: 'seconds' | 'processorSeconds'): number => {
  const own = named(arms, name);
  return sum(own.map(({ tokens }) => tokens)) / sum(own.map((arm) => arm[by]));
};
const peak = (arms: readonly Arm[], name: Arm['name']): number =>
  Math.max(...named(arms, name).map(({ peakBytes }) => peakBytes));

/** Ours over that of TRL. */
export const ratios = (arms: readonly Arm[]): { speed: number; work: number; memory: number } => ({
  speed: rate(arms, 'doctune', 'seconds') / rate(arms, 'TRL', 'seconds'),
  work: rate(arms, 'doctune', 'processorSeconds') / rate(arms, 'TRL', 'processorSeconds'),
  memory: peak(arms, 'doctune') / peak(arms, 'TRL'),
});

/** docs/training-benchmark.md: every figure is one that this run has measured. */
export function renderPage(figures: TrainingFigures): string {
  const note = '<!-- Written by "npm run bench:train". Do not edit. -->';
  const parts = ['# Training benchmark', note, introduction(figures), armTable(figures.arms), verdict(figures.arms)];
  return `${[...parts, '## Start-up', startUp, phaseTable(figures.arms)].join('\n\n')}\n`;
}

const introduction = ({ set, made, trl }: TrainingFigures): string =>
  [
    `The trainer beside a plain script of TRL ${trl} (benchmarks/training/plain_trl.py): LoRA on \`${builtIn}\`,`,
    `${made.rows.train} rows of ${set.name} ${set.version} for one epoch, on CPUs, with the same settings`,
    `(\`${JSON.stringify(written)}\` and else the defaults of a FineTuneJob) in the same image, by turns. Tokens are those of the`,
    'rows, without padding; the first step, which warms up, is left out. A processor second is one that the process',
    'computed: on a machine with other work it says more than a second of the clock. What counts is the ratios, and they are',
    'those of one run on the machine at hand: another run gives others.',
  ].join('\n');

const table = (rows: readonly (readonly string[])[]): string => {
  const [head = [], ...others] = rows;
  return [head, head.map(() => '---'), ...others].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
};

function armTable(arms: readonly Arm[]): string {
  const head = ['', 'round', 'steps', 'tokens', 'tokens/s', 'tokens/processor s', 'peak MB', 'start to first step, s'];
  return table([
    head,
    ...arms.map((arm) => [
      arm.name,
      String(arm.round),
      String(arm.steps),
      String(arm.allTokens),
      (arm.tokens / arm.seconds).toFixed(0),
      (arm.tokens / arm.processorSeconds).toFixed(0),
      (arm.peakBytes / 1e6).toFixed(0),
      arm.startSeconds.toFixed(1),
    ]),
  ]);
}

function verdict(arms: readonly Arm[]): string {
  const { speed, work, memory } = ratios(arms);
  return `doctune over TRL: ${speed.toFixed(2)} of the tokens/s, ${work.toFixed(2)} of the tokens a processor second, ${memory.toFixed(2)} of the peak memory.`;
}

const startUp = `Seconds of our trainer from the start of its process to the end of its first step, as \`status.startup\` tells them; before
it, TRL neither verifies its rows, tries the largest batch nor looks at validation rows.`;

function phaseTable(arms: readonly Arm[]): string {
  const ours = named(arms, 'doctune');
  const phases = startUpPhases.filter((phase) => ours.some((arm) => arm.phases[phase] !== undefined));
  return table([
    ['phase', ...ours.map(({ round }) => `round ${round}`)],
    ...phases.map((phase) => [phase, ...ours.map((arm) => (arm.phases[phase] ?? 0).toFixed(1))]),
  ]);
}
