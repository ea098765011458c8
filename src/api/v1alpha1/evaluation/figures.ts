/** So many figures fit the message that a pod may leave. */
export const maxFigures = 36;

interface Asked {
  metrics: readonly unknown[];
  dataset: { splits: readonly unknown[] };
  settings: readonly unknown[];
  candidates: readonly unknown[];
  baselineRef?: unknown;
  benchmarks: readonly unknown[];
  judge?: { asks: readonly unknown[] } | undefined;
}

/** accuracy, retention, worstSubject and the perplexity of general text */
const ofBenchmarks = 4;

const isGiven = (value: unknown): number => (value === undefined ? 0 : 1);

function figureCount({ metrics, dataset, settings, candidates, baselineRef, benchmarks, judge }: Asked): number {
  const models = 1 + candidates.length + isGiven(baselineRef);
  const perSplit = metrics.length * settings.length + (judge?.asks.length ?? 0);
  return models * (dataset.splits.length * perSplit + (benchmarks.length === 0 ? 0 : ofBenchmarks));
}

export const fitsResult = {
  cel:
    '(1 + self.candidates.size() + (has(self.baselineRef) ? 1 : 0)) * (self.dataset.splits.size() * ' +
    '(self.metrics.size() * self.settings.size() + (has(self.judge) ? self.judge.asks.size() : 0)) + ' +
    `(self.benchmarks.size() > 0 ? ${String(ofBenchmarks)} : 0)) <= ${String(maxFigures)}`,
  message:
    'models x (dataset.splits x (metrics x settings + judge.asks) + 4 of benchmarks) give at most 36 figures: leave some out, or use a second Evaluation',
  holds: (spec: Asked) => figureCount(spec) <= maxFigures,
};
