import { z } from 'zod';
import { artifact } from '../artifact.ts';
import { nameRef } from '../references.ts';
import { withRules } from '../rules.ts';
import { count, decimal, duration, figure, objectName, time } from '../scalars.ts';
import { abTestOutcomes, origin, runName } from './promotion.ts';

const query = (what: string) =>
  withRules(z.string().min(1).max(1024), {
    cel: "self.contains('$backend')",
    message: 'abTest.queries: a query must have "$backend" where the name of the backend belongs',
    holds: (text) => text.includes('$backend'),
  }).describe(
    `PromQL that gives ${what}; "$backend" is the name of the backend, "$range" the time since the last look.`,
  );

const guardrails = z.strictObject({
  maxErrorRate: decimal('abTest.guardrails.maxErrorRate', { min: 0, max: 1 })
    .optional()
    .describe('Share of failed requests of the candidate above which it goes back at once.'),
  maxLatencyP90: duration('abTest.guardrails.maxLatencyP90', { min: '1s', max: '1h' })
    .optional()
    .describe('Time of 90 of 100 requests of the candidate above which it goes back at once.'),
  minSamples: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(50)
    .describe('Requests of the candidate before they are looked at.'),
});

const queries = z.strictObject({
  requests: query(
    'the requests of a backend in "$range", such as sum(increase(requests_total{service="$backend"}[$range]))',
  ),
  successes: query('those of them that went well: the figure that decides').optional(),
  errors: query('those of them that failed; without "successes" the others went well').optional(),
  latencyP90: query('the seconds that 90 of 100 requests took').optional(),
});

export const abTest = withRules(
  z.strictObject({
    routeRef: nameRef('the HTTPRoute of the Gateway API, which the installation must allow').describe(
      'The route that shares the traffic.',
    ),
    stable: objectName().describe('Backend of the route that serves the promoted adapter.'),
    candidate: objectName().describe('Backend of the route that serves the adapter under test.'),
    weights: z
      .array(z.int().min(1).max(99))
      .min(1)
      .max(10)
      .default([5, 25, 50])
      .describe('Percent of the traffic that the candidate gets, one step after the other.'),
    startDelay: duration('abTest.startDelay', { min: '0s', max: '24h' })
      .default('2m')
      .describe('Time for the candidate to be loaded before it gets traffic.'),
    interval: duration('abTest.interval', { min: '1s', max: '1h' })
      .default('1m')
      .describe('How often the figures are read.'),
    minSamples: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(500)
      .describe('Requests of the candidate before a verdict, and in each step before the next.'),
    maxSamples: z
      .int()
      .min(1)
      .max(100_000_000)
      .default(50_000)
      .describe('Requests of the candidate after which the test ends without a verdict.'),
    alpha: decimal('abTest.alpha', { above: 0, max: 0.5 })
      .default('0.05')
      .describe('Chance to promote an adapter that is no better, however often the figures are looked at.'),
    onInconclusive: z
      .enum(['Keep', 'Promote'])
      .default('Keep')
      .describe('What becomes of a candidate that is neither better nor worse after maxSamples.'),
    guardrails: guardrails.prefault({}).describe('What ends the test at once.'),
    queries: queries.describe('How Prometheus is asked for the figures of a backend.'),
  }),
  {
    cel: 'self.stable != self.candidate',
    message: 'abTest.stable and abTest.candidate must be two backends',
    holds: ({ stable, candidate }) => stable !== candidate,
  },
  {
    cel: 'has(self.queries.successes) || has(self.queries.errors)',
    message: 'abTest.queries needs "successes" or "errors", since requests alone tell nothing',
    holds: ({ queries: { successes, errors } }) => successes !== undefined || errors !== undefined,
  },
  {
    cel: '!has(self.guardrails) || ((!has(self.guardrails.maxErrorRate) || has(self.queries.errors)) && (!has(self.guardrails.maxLatencyP90) || has(self.queries.latencyP90)))',
    message: 'abTest.guardrails: maxErrorRate needs queries.errors, and maxLatencyP90 needs queries.latencyP90',
    holds: ({ guardrails: { maxErrorRate, maxLatencyP90 }, queries: { errors, latencyP90 } }) =>
      (maxErrorRate === undefined || errors !== undefined) && (maxLatencyP90 === undefined || latencyP90 !== undefined),
  },
);
export type AbTest = z.output<typeof abTest>;

const arm = z.strictObject({
  requests: count().describe('Requests so far.'),
  successes: count().describe('Those that went well.'),
  errors: count().describe('Those that failed.'),
  latencyP90: figure().optional().describe('Seconds that 90 of 100 requests took, at the last look.'),
});

export const abTestStatus = z.strictObject({
  state: z.enum(['Waiting', 'Running', ...abTestOutcomes]).describe('How far the test is, or how it ended.'),
  run: runName().describe('Run of this Evaluation that the candidate passed in.'),
  artifact: artifact.describe('The candidate.'),
  ...origin,
  route: objectName().describe('The HTTPRoute.'),
  stableBackend: objectName().describe('Backend of the promoted adapter.'),
  candidateBackend: objectName().describe('Backend of the candidate.'),
  startTime: time().describe('When the test began.'),
  readTime: time().describe('Up to when figures were read.'),
  step: count().describe('Which of abTest.weights is in force, from 0.'),
  stepRequests: count().describe('Requests of the candidate when that step began.'),
  weight: z.int().min(0).max(100).describe('Percent of the traffic that the candidate shall get.'),
  isRouteRestored: z.boolean().optional().describe('True when the route gives everything to the stable backend again.'),
  stable: arm.describe('Figures of the promoted adapter.'),
  candidate: arm.describe('Figures of the candidate.'),
  better: figure().describe('Evidence that the candidate is better, as the logarithm of an e-value.'),
  worse: figure().describe('Evidence that it is worse.'),
  message: z.string().max(512).describe('How it stands, in a sentence.'),
});
export type AbTestStatus = z.output<typeof abTestStatus>;
