import type { ReconcilerSettings } from '../settings.ts';

/** The settings as they are at the moment of a decision, so that plans stay pure. */
export interface RunSettings extends Omit<ReconcilerSettings, 'progress'> {
  progressUrl: string | undefined;
  /** PEM; undefined while the operator has not made it yet */
  caCertificate: string | undefined;
}

export const runSettings = ({ progress, ...rest }: ReconcilerSettings): RunSettings => ({
  ...rest,
  progressUrl: progress.url,
  caCertificate: progress.caCertificate(),
});
