import type { AbTest, AbTestStatus, Evaluation } from '../../../api/v1alpha1/index.ts';
import { ApiError, messageOf } from '../../../controller/errors.ts';
import { hasTraffic, isDue, isUnderWay } from './decide.ts';
import type { Reading } from './decide.ts';
import type { AbTestAccess } from '../../settings.ts';
import type { HttpRoute } from '../../shared/http-route.ts';

interface Problem {
  /** CamelCase */
  reason: string;
  message: string;
}

/** What was seen of the traffic of a test. */
export interface Traffic {
  route?: HttpRoute;
  reading?: Reading;
  problem?: Problem;
}

const filled = (query: string, backend: string, seconds: number): string =>
  query.replaceAll('$backend', backend).replaceAll('$range', `${seconds}s`);

/** Nothing is no figure: Prometheus tells 0 of a series that is there, and nothing where a label fits none. */
class NoTraffic extends Error {}

async function readArm(
  { queries }: AbTest,
  backend: string,
  seconds: number,
  ask: (expression: string) => Promise<number | undefined>,
): Promise<Reading['stable']> {
  const rounded = (figure: number): number => Math.max(0, Math.round(figure));
  const count = async (query: string | undefined): Promise<number | undefined> =>
    query === undefined ? undefined : rounded((await ask(filled(query, backend, seconds))) ?? 0);
  const answer = await ask(filled(queries.requests, backend, seconds));
  if (answer === undefined) throw new NoTraffic(backend);
  const requests = rounded(answer);
  const errors = Math.min(requests, (await count(queries.errors)) ?? 0);
  const successes = Math.min(requests, (await count(queries.successes)) ?? requests - errors);
  const latency =
    queries.latencyP90 === undefined ? undefined : await ask(filled(queries.latencyP90, backend, seconds));
  return {
    requests,
    successes,
    errors,
    ...(latency === undefined ? {} : { latencyP90: String(latency).slice(0, 32) }),
  };
}

async function readFigures(spec: AbTest, test: AbTestStatus, access: AbTestAccess, now: Date): Promise<Traffic> {
  const { query } = access;
  if (query === undefined) {
    const message = 'the installation names no Prometheus: set abTests.prometheusUrl of the chart';
    return { problem: { reason: 'NoPrometheus', message } };
  }
  const until = new Date(Math.floor(now.getTime() / 1000) * 1000);
  const seconds = Math.round((until.getTime() - Date.parse(test.readTime)) / 1000);
  const ask = (expression: string) => query(expression, until);
  try {
    const stable = await readArm(spec, test.stableBackend, seconds, ask);
    const candidate = await readArm(spec, test.candidateBackend, seconds, ask);
    return { reading: { until, stable, candidate } };
  } catch (error) {
    if (error instanceof NoTraffic) {
      const message = `spec.abTest.queries.requests gives nothing for the backend "${error.message}": correct its labels, let spec.abTest.interval span two scrapes, or add "or vector(0)" where no request is no series`;
      return { problem: { reason: 'NoTraffic', message } };
    }
    const message = `Prometheus cannot be asked: ${messageOf(error).slice(0, 300)}: check spec.abTest.queries and abTests.prometheusUrl of the chart`;
    return { problem: { reason: 'MetricsUnavailable', message } };
  }
}

const isMissing = (error: unknown): boolean => error instanceof ApiError && error.code === 404;

async function readRoute({ metadata }: Evaluation, { route }: AbTestStatus, access: AbTestAccess): Promise<Traffic> {
  const name = `${metadata.namespace ?? ''}/${route}`;
  if (!access.routes.includes(name)) {
    const message = `the installation gives no right on the HTTPRoute "${name}": add it to abTests.routes of the chart`;
    return { problem: { reason: 'RouteNotAllowed', message } };
  }
  try {
    return { route: await access.readRoute(metadata.namespace, route) };
  } catch (error) {
    if (isMissing(error)) {
      const message = `HTTPRoute "${route}" does not exist: create it, or correct spec.abTest.routeRef.name`;
      return { problem: { reason: 'RouteNotFound', message } };
    }
    const message = `HTTPRoute "${route}" cannot be read: ${messageOf(error).slice(0, 300)}`;
    return { problem: { reason: 'RouteUnreadable', message } };
  }
}

/** Whether the outside must be looked at: a test is under way, or its route is not restored yet. */
export const needsTraffic = ({ spec, status }: Evaluation): boolean => {
  const test = status?.abTest;
  if (test === undefined) return false;
  return hasTraffic(test) || (!spec.suspend && isUnderWay(test));
};

/** Route first: without it there is no test, so nothing is asked of Prometheus. Never throws. */
export async function observeTraffic(evaluation: Evaluation, access: AbTestAccess, now: Date): Promise<Traffic> {
  const { metadata, spec, status } = evaluation;
  const test = status?.abTest;
  if (test === undefined) return {};
  const seen = await readRoute(evaluation, test, access);
  const isEnding = spec.suspend || metadata.deletionTimestamp !== undefined;
  if (isEnding || seen.problem !== undefined || spec.abTest === undefined || !isDue(test, spec.abTest, now))
    return seen;
  return { ...seen, ...(await readFigures(spec.abTest, test, access, now)) };
}
