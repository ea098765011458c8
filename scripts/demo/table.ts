import type { Evaluation } from '../../src/api/v1alpha1/index.ts';

type Result = NonNullable<NonNullable<Evaluation['status']>['results']>[number];

const fixed = (value: string | undefined, digits: number): string =>
  value === undefined ? '-' : Number(value).toFixed(digits);

const questions: Record<Result['split'], string> = {
  recall: 'recall: other wordings of facts it was trained on (does it know these documents now?)',
  test: 'test: documents it was not trained on (what did that cost?)',
  general: 'general: benchmarks (what is left of what the base could do?)',
};

/** The evaluation as a table for people. Differences of perplexity are relative, as in the results. */
export function renderResults(results: readonly Result[]): string {
  const header = ['', 'base', 'tuned', 'difference', '95 % interval', 'samples', 'verdict'];
  const row = (result: Result): string[] => {
    const isRelative = ['perplexity', 'bitsPerByte'].includes(result.metric);
    const difference = (value: string | undefined): string =>
      value === undefined ? '-' : isRelative ? `${fixed(String(Number(value) * 100), 1)} %` : fixed(value, 2);
    return [
      result.metric,
      fixed(result.base, 2),
      fixed(result.tuned, 2),
      difference(result.delta),
      result.ci95 ? `${difference(result.ci95[0])} … ${difference(result.ci95[1])}` : '-',
      String(result.samples),
      result.verdict,
    ];
  };
  const widths = [16, 8, 8, 12, 22, 8, 14];
  const align = (cells: string[]): string =>
    cells
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0)))
      .join('');
  return (['recall', 'test'] as const)
    .filter((split) => results.some((result) => result.split === split))
    .map((split) =>
      [
        questions[split],
        align(header),
        ...results.filter((result) => result.split === split).map((result) => align(row(result))),
      ].join('\n'),
    )
    .join('\n\n');
}

/** Whether the tuned model is better on trained facts, with the whole interval above 0. */
export function hasLearned(results: readonly Result[]): boolean {
  return results.some(
    ({ split, metric, ci95 }) =>
      split === 'recall' && metric === 'bleu' && ci95?.[0] !== undefined && Number(ci95[0]) > 0,
  );
}
