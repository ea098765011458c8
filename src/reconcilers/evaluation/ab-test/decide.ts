import { parseDuration } from '../../../api/v1alpha1/index.ts';
import type { AbTest, AbTestOutcome, AbTestStatus, Origin } from '../../../api/v1alpha1/index.ts';
import { timestamp } from '../../../controller/status.ts';
import { figureOf } from '../../shared/figures.ts';
import { withBlock } from './evidence.ts';

type Arm = AbTestStatus['stable'];

/** Figures of both backends since the last look, up to a moment. */
export interface Reading {
  until: Date;
  stable: Arm;
  candidate: Arm;
}

const outcomes: Readonly<Record<AbTestOutcome, string>> = {
  Won: 'the candidate is better: it is promoted',
  Lost: 'the candidate is worse: the promoted adapter stays',
  GuardrailBroken: 'the candidate broke a guardrail: the promoted adapter stays',
  Undecided: 'neither is better',
  Stopped: 'the test was stopped',
};

export const isUnderWay = ({ state }: Pick<AbTestStatus, 'state'>): boolean =>
  state === 'Waiting' || state === 'Running';

/** Whether a candidate has, or may have, a share of the traffic that must be given back. */
export const hasTraffic = ({ state, isRouteRestored }: Pick<AbTestStatus, 'state' | 'isRouteRestored'>): boolean =>
  state === 'Running' || isRouteRestored === false;

type Place = Pick<AbTestStatus, 'route' | 'stableBackend' | 'candidateBackend' | 'isRouteRestored'>;

export const placeOf = ({ routeRef, stable, candidate }: AbTest): Place => ({
  route: routeRef.name,
  stableBackend: stable,
  candidateBackend: candidate,
});

const leftBy = ({ route, stableBackend, candidateBackend }: AbTestStatus): Place => ({
  route,
  stableBackend,
  candidateBackend,
  isRouteRestored: false,
});

/** A test that waits for its candidate to be loaded, and first for the traffic that the one before it has yet. */
export function begun(
  spec: AbTest,
  { run, adapter, origin }: { run: string; adapter: AbTestStatus['artifact']; origin: Origin },
  before: AbTestStatus | undefined,
  now: Date,
): AbTestStatus {
  const none = { requests: 0, successes: 0, errors: 0 };
  return {
    state: 'Waiting',
    run,
    artifact: adapter,
    ...origin,
    ...(before !== undefined && hasTraffic(before) ? leftBy(before) : placeOf(spec)),
    startTime: timestamp(now),
    readTime: timestamp(now),
    step: 0,
    stepRequests: 0,
    weight: 0,
    stable: none,
    candidate: none,
    better: '0',
    worse: '0',
    message: 'the candidate is being loaded',
  };
}

/** End a test: everything goes to the stable backend again. */
export function ended(test: AbTestStatus, state: AbTestOutcome, why = ''): AbTestStatus {
  const message = `${outcomes[state]}${why === '' ? '' : `: ${why}`}`;
  return { ...test, state, weight: 0, isRouteRestored: false, message: message.slice(0, 512) };
}

/** A suspended test waits again, with all its figures, and gives its traffic back meanwhile: nobody watches the guardrails. */
export function suspended(test: AbTestStatus): AbTestStatus {
  const message = 'suspended: the candidate gets no traffic until spec.suspend is false';
  if (test.state !== 'Running') return { ...test, message };
  return { ...test, state: 'Waiting', weight: 0, isRouteRestored: false, message };
}

const sum = (before: Arm, more: Arm): Arm => ({
  requests: before.requests + more.requests,
  successes: before.successes + more.successes,
  errors: before.errors + more.errors,
  ...(more.latencyP90 === undefined ? {} : { latencyP90: more.latencyP90 }),
});

function read(test: AbTestStatus, { until, stable, candidate }: Reading): AbTestStatus {
  const evidence = withBlock(
    { better: Number(test.better), worse: Number(test.worse) },
    { stable: test.stable, candidate: test.candidate },
    { stable, candidate },
  );
  return {
    ...test,
    readTime: timestamp(until),
    stable: sum(test.stable, stable),
    candidate: sum(test.candidate, candidate),
    better: figureOf(evidence.better),
    worse: figureOf(evidence.worse),
  };
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Which guardrail the candidate breaks, with the figure. */
function broken({ candidate }: AbTestStatus, { guardrails }: AbTest): string | undefined {
  const { maxErrorRate, maxLatencyP90, minSamples } = guardrails;
  const { requests, errors, latencyP90 } = candidate;
  if (requests < minSamples) return undefined;
  const rate = errors / requests;
  if (maxErrorRate !== undefined && rate > Number(maxErrorRate))
    return `${percent(rate)} of its ${requests} requests failed, guardrails.maxErrorRate is ${maxErrorRate}`;
  if (maxLatencyP90 !== undefined && Number(latencyP90 ?? 0) > parseDuration(maxLatencyP90))
    return `90 of 100 requests took up to ${latencyP90 ?? ''} s, guardrails.maxLatencyP90 is ${maxLatencyP90}`;
  return undefined;
}

function sentence({ stable, candidate, weight }: AbTestStatus): string {
  const rate = ({ requests, successes }: Arm): string =>
    requests === 0 ? 'no requests' : `${percent(successes / requests)} of ${requests}`;
  return `the candidate gets ${weight} % of the traffic: ${rate(candidate)} went well, ${rate(stable)} of the promoted adapter`;
}

/** What a reading decides. A verdict needs minSamples; a guardrail does not wait for it. */
function judged(test: AbTestStatus, spec: AbTest): AbTestStatus {
  const { requests } = test.candidate;
  const breach = broken(test, spec);
  if (breach !== undefined) return ended(test, 'GuardrailBroken', breach);
  const limit = Math.log(1 / Number(spec.alpha));
  if (requests >= spec.minSamples && Number(test.better) >= limit) return ended(test, 'Won', sentence(test));
  if (requests >= spec.minSamples && Number(test.worse) >= limit) return ended(test, 'Lost', sentence(test));
  if (requests >= spec.maxSamples) return ended(test, 'Undecided', sentence(test));
  const isLast = test.step >= spec.weights.length - 1;
  const isEnough = requests - test.stepRequests >= spec.minSamples;
  const step = isEnough && !isLast ? test.step + 1 : Math.min(test.step, spec.weights.length - 1);
  const next = {
    ...test,
    step,
    stepRequests: step === test.step ? test.stepRequests : requests,
    weight: spec.weights[step] ?? 0,
  };
  return { ...next, message: sentence(next) };
}

/** Looks that may fail one after the other until the candidate loses its traffic: nobody watches the guardrails meanwhile. */
const blindLooks = 10;

/** Whether figures are due. A reading covers whole seconds, so that no request is counted twice. */
export const isDue = (test: AbTestStatus, { interval }: AbTest, now: Date): boolean =>
  test.state === 'Running' && now.getTime() - Date.parse(test.readTime) >= parseDuration(interval) * 1000;

/** What becomes of a test under way. Pure. `reading` is undefined when none was due or none could be had. */
export function advance(test: AbTestStatus, spec: AbTest, reading: Reading | undefined, now: Date): AbTestStatus {
  if (test.state === 'Waiting') {
    const begins = Date.parse(test.startTime) + parseDuration(spec.startDelay) * 1000;
    if (now.getTime() < begins) return test;
    const kept = { ...test };
    delete kept.isRouteRestored;
    const weight = spec.weights[Math.min(test.step, spec.weights.length - 1)] ?? 0;
    const running: AbTestStatus = { ...kept, state: 'Running', readTime: timestamp(now), weight };
    return { ...running, message: sentence(running) };
  }
  if (reading !== undefined) return judged(read(test, reading), spec);
  const isBlind = now.getTime() - Date.parse(test.readTime) >= blindLooks * parseDuration(spec.interval) * 1000;
  if (!isBlind || test.weight === 0) return test;
  return { ...test, weight: 0, message: 'the candidate gets no traffic until there are figures again' };
}
