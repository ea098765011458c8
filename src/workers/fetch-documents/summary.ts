import type { DocumentRecord, SkippedDocument } from '../../contract/documents.ts';
import type { Success } from '../../contract/result.ts';

type Documents = Success<'fetch-documents'>['summary']['documents'];
export type Unanswered = Documents['unanswered'];

/** so that the result fits a termination message */
const licencesTold = 16;
const licenceLength = 64;

/** What the artifact holds, in numbers. */
export const summarise = (
  documents: readonly DocumentRecord[],
  skipped: readonly SkippedDocument[],
  redactions: Documents['redactions'],
  unanswered: Unanswered,
): Documents => ({
  total: documents.length,
  skipped: skipped.length,
  byFormat: countBy(documents, ({ format }) => format),
  bySkipReason: countBy(skipped, ({ reason }) => reason),
  redactions,
  unanswered,
  licences: mostFrequent(countBy(documents, ({ licence }) => licence?.slice(0, licenceLength))),
});

function countBy<T>(items: readonly T[], keyOf: (item: T) => string | undefined): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) {
    const key = keyOf(item);
    if (key !== undefined) counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

const mostFrequent = (counts: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(counts)
      .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
      .slice(0, licencesTold),
  );
