import { annotations } from '../../api/v1alpha1/index.ts';
import type { Run } from '../../api/v1alpha1/index.ts';

/** The message of a failed run, with the way to another attempt where the spec itself is not to blame. */
export function failureMessage({ name, message }: Run): string {
  const again = `then change the spec, or set the annotation "${annotations.reconcileRequestedAt}" to try again`;
  return `run "${name}" failed: ${message ?? 'no message'}; ${again}`;
}
