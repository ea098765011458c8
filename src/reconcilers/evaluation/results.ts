import type { EvaluationSpec, EvaluationStatus, ResultStatus } from '../../api/v1alpha1/index.ts';
import type { EvaluationResult } from '../../contract/result.ts';
import { figureOf, figuresOf } from '../shared/figures.ts';

export const resultStatus = ({ base, tuned, delta, ci95, ...rest }: EvaluationResult): ResultStatus => ({
  ...rest,
  ...figuresOf({ base, tuned, delta }),
  ...(ci95 === null ? {} : { ci95: ci95.map(figureOf) }),
});

const signed = (value: number, digits: number): string => `${value < 0 ? '' : '+'}${value.toFixed(digits)}`;

type Headline = NonNullable<EvaluationStatus['headline']>;

/** The figures of the first setting that people look at first, short enough for a column. */
export function headlineOf(
  results: readonly ResultStatus[],
  { gate, settings }: EvaluationSpec,
  isPassed: boolean,
): Headline {
  const of = (metric: string, split: string) =>
    results.find((one) => one.metric === metric && one.split === split && one.setting === settings[0]?.name);
  const recall = of('bleu', 'recall');
  const unseen = of('perplexity', 'test');
  return {
    ...(recall?.tuned === undefined ? {} : { recall: Number(recall.tuned).toFixed(1) }),
    ...(recall?.delta === undefined ? {} : { delta: signed(Number(recall.delta), 1) }),
    ...(unseen?.delta === undefined ? {} : { unseen: `${signed(Number(unseen.delta) * 100, 1)}%` }),
    gate: gate === undefined ? 'None' : isPassed ? 'Passed' : 'Failed',
  };
}
