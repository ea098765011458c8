import type { DocumentationSet } from '../data/sets.ts';
import { written } from '../learning/arms.ts';
import type { Taken } from '../in-trainer/container.ts';
import type { LearningSet } from '../learning/dataset.ts';

export interface WholeFigures {
  set: DocumentationSet;
  made: LearningSet;
  training: Taken;
  measuring: Taken;
  /** report.md of the Evaluation */
  report: string;
}

/** Sections of a report that hold its figures, in its order. */
const wanted = ['Results', 'Contaminated questions', 'Degenerate answers', 'Benchmarks'];

/** The sections of these headings, each a level deeper than it was. */
export function sectionsOf(report: string, headings: readonly string[] = wanted): string[] {
  return report
    .split(/^(?=## )/m)
    .filter((section) => headings.some((heading) => section.startsWith(`## ${heading}\n`)))
    .map((section) => section.trim().replace(/^(?=##)/gm, '#'));
}

const minutes = (seconds: number): string => `${(seconds / 60).toFixed(1)} minutes`;

/** docs/evaluation-example.md: two whole Evaluations, as their reports tell them, measured at a commit. */
export function renderPage(figures: readonly WholeFigures[], commit: string): string {
  const parts = figures.flatMap(({ set, made, training, measuring, report }) => [
    `## ${set.name} ${set.version}`,
    `${set.about}. ${made.rows.train} training rows about ${made.facts} facts. The training took ${minutes(training.processorSeconds)} of processor time, the Evaluation ${minutes(measuring.processorSeconds)}, each with the start of its container.`,
    ...sectionsOf(report),
  ]);
  const note = '<!-- Written by "npm run bench:whole-evaluation". Do not edit. -->';
  return `${['# Two Evaluations, whole', note, `${introduction} Measured at commit ${commit}.`, ...parts].join('\n\n')}\n`;
}

const introduction = [
  'SmolLM2-135M-Instruct (`builtIn: smollm2-135m`; its weights are dequantised from Q4_1, so that figures differ from',
  `those of the original model) was trained with \`${JSON.stringify(written)}\` in its \`spec\` on rows that were taken from`,
  'the documents without a model, and measured by an Evaluation with the defaults of its kind and one benchmark: which of',
  'four summaries describes a name of a scientific library, and the perplexity of such summaries as running text. `recall`',
  'asks trained facts in wordings that were held back, `test` asks about documents that were not trained, `general` is the',
  'benchmark: what was forgotten. Nothing is left out that the report has of figures.',
].join('\n');
