import { resultMetricNames } from '../../../src/api/v1alpha1/evaluation-status.ts';
import { curvesPanel, dashboardOf, objectName, phasePanel, wordPanel } from './panels.ts';
import { perFigure, perRun, perRunAnd } from './queries.ts';

const phase = phasePanel('Evaluation', 'Where each evaluation stands, and what to look at when it failed.');

const verdict = wordPanel(
  'Gate',
  'What the gate says of the newest adapter. Only one that passed is promoted.',
  'doctune_evaluation_verdict',
  'verdict',
);

// metrics of one scale share a panel
const losses: readonly string[] = ['perplexity', 'bitsPerByte'];
const scores = resultMetricNames.filter((name) => !losses.includes(name));

const figure = `${objectName} {{metric}} {{split}}`;

const trend = (title: string, description: string, series: string, metrics: readonly string[], unit = 'none') =>
  curvesPanel({
    title,
    description,
    unit,
    calculations: ['min', 'max'],
    curves: [{ expression: perFigure(series, metrics), legend: figure }],
  });

const trends = [
  trend(
    'Scores',
    'Scores of the tuned model, 0 to 100: each step is another adapter.',
    'doctune_evaluation_tuned',
    scores,
  ),
  trend('Scores of the base model', 'The same questions, asked the base model.', 'doctune_evaluation_base', scores),
  trend(
    'Gain',
    'Score of the tuned model less that of the base model, in points: what training was worth.',
    'doctune_evaluation_delta',
    scores,
  ),
  trend(
    'Change of the loss',
    'Relative change of perplexity and bits per byte. On "test" it is the price: above 0 the model forgot.',
    'doctune_evaluation_delta',
    losses,
    'percentunit',
  ),
  trend('Perplexity', 'Of the tuned model, lower is better.', 'doctune_evaluation_tuned', losses),
];

const runs = curvesPanel({
  title: 'Runs by verdict',
  description: 'Runs that status.history remembers. A line that grows under Failed needs other rows or parameters.',
  calculations: [],
  curves: [{ expression: perRunAnd('doctune_evaluation_runs', 'verdict'), legend: `${objectName} {{verdict}}` }],
});

const age = curvesPanel({
  title: 'Age of the promoted adapter',
  description: 'It falls to 0 with each promotion.',
  unit: 's',
  calculations: ['max'],
  curves: [{ expression: `time() - ${perRun('doctune_evaluation_promoted_timestamp_seconds')}`, legend: objectName }],
});

const rolledBack = curvesPanel({
  title: 'Rolled back',
  description: '1 while somebody has gone back to an earlier adapter and no newer one has passed.',
  calculations: ['max'],
  curves: [{ expression: perRun('doctune_evaluation_rolled_back'), legend: objectName }],
});

const tagged = curvesPanel({
  title: 'Tag of the promoted adapter',
  description:
    '1 while the tag in the registry names the promoted adapter, 0 while it does not; none where no tag is asked for.',
  calculations: ['max'],
  curves: [{ expression: perRun('doctune_evaluation_tagged'), legend: objectName }],
});

/** The dashboard of evaluations over time: is the line of models getting better, and what is promoted? */
export const evaluationDashboard = () =>
  dashboardOf(
    {
      title: 'doctune: evaluations',
      uid: 'doctune-evaluations',
      description: 'Scores, verdicts and promotions of Evaluations over time.',
      kind: 'Evaluation',
      label: 'Evaluation',
      from: 'now-90d',
    },
    [phase, verdict, ...trends, runs, age, rolledBack, tagged],
  );
