import { docSource, parseDuration } from '../../api/v1alpha1/index.ts';
import type { DocSource, DocSourceSpec, Run } from '../../api/v1alpha1/index.ts';
import { terminalExitCodes } from '../../contract/exit-codes.ts';
import { hashOf } from '../shared/hash.ts';
import { nonDefaults } from '../shared/non-defaults.ts';
import { desiredRun } from '../shared/run.ts';
import type { DesiredRun } from '../shared/run.ts';

const asked = nonDefaults<DocSourceSpec>(docSource.spec);

/** What decides the documents. With whose credentials they are read is not in it. */
export function inputsHash({ spec }: DocSource): string {
  const { files, web, screening, cleaning, maxDocumentSize } = spec;
  const git = spec.git && { ...spec.git, secretRef: undefined };
  const s3 = files?.s3 && { ...files.s3, secretRef: undefined };
  // how fast and with whose certificates pages are read decides nothing
  const pages = web && { ...web, caConfigMapRef: undefined, rate: undefined, timeout: undefined };
  const places = { git, web: pages, files: files && { ...files, s3 } } as Partial<DocSourceSpec>;
  return hashOf(asked({ ...places, maxDocumentSize, screening, cleaning }));
}

/** seconds after the first failure; each further failure doubles them, up to the interval */
const firstRetry = 30;

export const isTerminal = ({ exitCode }: Run): boolean =>
  exitCode !== undefined && terminalExitCodes.includes(exitCode);

/** Seconds from the end of a run to the next. */
export function pauseAfter(run: Run, interval: string, failures: number): number {
  const regular = parseDuration(interval);
  if (run.state !== 'Failed' || isTerminal(run)) return regular;
  return Math.min(regular, firstRetry * 2 ** Math.min(failures - 1, 20));
}

export interface Due {
  desired: DesiredRun;
  /** until the next look; 0 if it is due */
  seconds: number;
}

/** The run that is due, or else the latest one. A name follows from what went before, so a lost write makes no twin. */
export function due(source: DocSource, now: Date): Due {
  const { metadata, spec, status } = source;
  const run = status?.run;
  const hash = inputsHash(source);
  const desired = desiredRun(source, 'fetch', hash);
  if (run === undefined) return { desired, seconds: 0 };
  const isFixed = run.state === 'Failed' && run.generation !== metadata.generation;
  const isChanged = run.inputsHash !== hash || run.requestedAt !== desired.requestedAt || isFixed;
  const end = Date.parse(run.completionTime ?? '') / 1000;
  const next = end + pauseAfter(run, spec.interval, status?.failures ?? 1);
  const seconds = Number.isFinite(next) ? Math.max(0, Math.ceil(next - now.getTime() / 1000)) : 0;
  if (isChanged || (run.state !== 'Running' && seconds === 0)) {
    return { desired: desiredRun(source, 'fetch', hash, run.completionTime ?? run.name), seconds: 0 };
  }
  return { desired: { ...desired, name: run.name, id: run.id }, seconds };
}
