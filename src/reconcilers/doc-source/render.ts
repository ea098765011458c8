import { parseBytes } from '../../api/v1alpha1/index.ts';
import type { ComputeResources, DocSource, DocSourceSpec } from '../../api/v1alpha1/index.ts';
import type { FetchInput } from '../../contract/inputs.ts';
import { publicBuckets, type Reach } from '../shared/reach.ts';
import type { WorkerRun } from '../shared/worker-run.ts';
import type { Hints } from '../shared/pending.ts';
import type { RunSettings } from '../shared/run-settings.ts';
import type { DesiredRun } from '../shared/run.ts';
import { referencesOf, sourceInput } from './source.ts';

const resources: ComputeResources = { gpus: 0 };
const least = { cpu: '100m', memory: '256Mi' };
/** an unreachable source is tried again by the interval, so a Job need not try for long */
const backoffLimit = 2;
/** a source that answers but never ends must not hold its place for ever */
const leastDeadlineSeconds = 3600;

/** Pages come one after the other, so a large site read politely takes its time. */
function deadlineSeconds({ web }: DocSourceSpec): number {
  const needed = web === undefined ? 0 : 600 + (1.5 * web.maxPages) / Number(web.rate);
  return Math.max(leastDeadlineSeconds, Math.ceil(needed));
}

/** A mistaken pattern on a huge repository must not fill the store that others share. */
const maxTotalBytes = 2 ** 30;
const maxDocuments = 100_000;
/** of converting one document, such as a PDF */
const convertSeconds = 60;
const convertMemoryBytes = 512 * 2 ** 20;

export const hints = ({ spec }: DocSource): Hints => ({
  resources: undefined,
  deadline: 'leave out what is not needed by include and exclude, or by spec.web.maxPages',
  mounts: referencesOf(spec).map(({ what }) => what),
});

/** Where the documents come from, in one line. */
export function sourceLine({ git, web, files }: DocSourceSpec): string {
  if (git !== undefined) return git.url;
  if (web !== undefined) return web.urls[0] ?? web.sitemap ?? '';
  const { configMapRef, claimRef, s3 } = files ?? {};
  if (configMapRef !== undefined) return `configmap/${configMapRef.name}`;
  if (s3 !== undefined) return `s3://${s3.bucket}/${s3.prefix}`;
  return `claim/${[claimRef?.name, claimRef?.path].filter((part) => part !== undefined).join('/')}`;
}

export const fetchInput = (
  { metadata, spec }: DocSource,
  run: DesiredRun,
  { allowedNetworks }: Pick<RunSettings, 'allowedNetworks'>,
): FetchInput => ({
  version: 1,
  run: { namespace: metadata.namespace ?? '', name: run.name, id: run.id },
  source: sourceInput(spec),
  screening: spec.screening,
  cleaning: spec.cleaning,
  limits: {
    maxDocumentBytes: parseBytes(spec.maxDocumentSize),
    maxTotalBytes,
    maxDocuments,
    convertSeconds,
    convertMemoryBytes,
  },
  allowedNetworks: [...allowedNetworks],
});

/** Sites lead from http to https; submodules of a repository lie elsewhere, commonly at https. */
const anySite: Reach = ['http://www.example.org', 'https://www.example.org'];

function reachOf({ git, web, files }: DocSourceSpec): Reach {
  if (git !== undefined) return [git.url, ...(git.submodules ? anySite : [])];
  if (web !== undefined) return [...anySite, ...web.urls, ...(web.sitemap === undefined ? [] : [web.sitemap])];
  const { s3 } = files ?? {};
  return s3 === undefined ? [] : [s3.endpoint ?? publicBuckets];
}

export const fetcherRun = (source: DocSource, run: DesiredRun, settings: RunSettings): WorkerRun => ({
  owner: source,
  run,
  image: settings.images.operator,
  command: ['node', '/opt/doctune/workers/fetch-documents.mjs'],
  input: fetchInput(source, run, settings),
  mounts: referencesOf(source.spec).map(({ mount }) => mount),
  reach: reachOf(source.spec),
  resources,
  requests: least,
  backoffLimit,
  activeDeadlineSeconds: deadlineSeconds(source.spec),
});
