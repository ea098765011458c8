import type { Measured } from './run-worker.ts';
import type { SetFigures } from './measure.ts';

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** docs/data-benchmark.md: every figure is one that this run has measured. */
export function renderPage(figures: readonly SetFigures[]): string {
  return `${[
    '# Data benchmark',
    '<!-- Written by "npm run bench:data". Do not edit. -->',
    [
      'Datasets of four documentations as their packages ship them, made by the workers as they run in a pod:',
      'once by structure alone (extractive), once by a scripted endpoint that answers with sentences of the documents and',
      'plays the faults of real providers on 30 % of the questions. The scripted endpoint says nothing about the quality',
      'of a real model; it shows what the pipeline does with answers and faults. Its questions name the whole place in the',
      'documents, so that many share groups of words with questions that are held back: CONTAMINATED counts them.',
      'Times are of one run on the machine at hand; peak memory is that of the worker, without the processes that parse.',
    ].join('\n'),
    '## Documents',
    table(
      ['set', 'package', 'what it is', 'documents', 'skipped', 'redactions', 'sha256 of the archive'],
      figures.map(({ set, fetched }) => [
        set.name,
        `${set.registry}: ${set.package} ${set.version}`,
        set.about,
        fetched.total,
        fetched.skipped,
        fetched.redactions.secrets + fetched.redactions.personalData,
        `\`${set.sha256.slice(0, 16)}…\``,
      ]),
    ),
    '## Without a model',
    ...outcome(figures, ({ extractive }) => extractive),
    '## With the scripted endpoint',
    ...outcome(figures, ({ model }) => model),
    table(
      ['set', 'requests seen by the endpoint', 'answers paid for', 'retries by class'],
      figures.map(({ set, requests, model }) => {
        const { usage } = model.result.summary;
        return [set.name, requests, usage.requests, counts(usage.retries)];
      }),
    ),
  ].join('\n\n')}\n`;
}

function outcome(figures: readonly SetFigures[], of: (figures: SetFigures) => Measured): string[] {
  const main = figures.map((each) => {
    const { result, seconds, peakBytes } = of(each);
    const { rows, chunks, coverage, duplicateRate, acceptRate } = result.summary;
    const total = rows.train + rows.validation + rows.test + rows.recall;
    return [
      each.set.name,
      chunks.total,
      chunks.usable ?? chunks.total,
      chunks.failed,
      percent(coverage),
      total,
      `${rows.train} / ${rows.validation} / ${rows.test} / ${rows.recall}`,
      percent(acceptRate),
      percent(duplicateRate),
      `${seconds.toFixed(1)} s`,
      `${Math.round(peakBytes / 1e6)} MB`,
    ];
  });
  const head = ['set', 'chunks', 'usable', 'failed', 'coverage', 'rows', 'train / validation / test / recall'];
  return [
    table([...head, 'accepted', 'duplicates', 'time', 'peak memory'], main),
    table(
      ['set', 'rows by task', 'rejected by reason'],
      figures.map((each) => {
        const { tasks, rows } = of(each).result.summary;
        return [each.set.name, counts(tasks), counts(rows.byReason)];
      }),
    ),
  ];
}

const counts = (record: Record<string, number>): string =>
  Object.entries(record)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ') || 'none';

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
