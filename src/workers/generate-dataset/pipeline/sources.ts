import type { GenerateInput } from '../../../contract/inputs.ts';
import type { Manifest } from '../../../contract/rows.ts';
import type { DocumentRecord } from '../../../contract/documents.ts';
import { sortKeys } from '../output/write.ts';
import { createCleanliness, type CleanlinessCounter } from '../report/cleanliness.ts';

/** What is counted of a document, or of a file of rows. */
export interface Observed {
  source: { name: string };
  record: Pick<DocumentRecord, 'cleaning' | 'redactions' | 'licence' | 'file'>;
}

export interface Sources {
  observe: (document: Observed) => void;
  /** as the manifest tells them */
  entries(): Manifest['sources'];
  cleanliness: CleanlinessCounter['counts'];
}

const noLicences = (): Record<string, number> => ({});

/** Counts documents and their licences for each source. */
export function openSources({ sources }: Pick<GenerateInput, 'sources'>): Sources {
  const counts = new Map(sources.map(({ name }) => [name, { documents: 0, licences: noLicences() }]));
  const cleanliness = createCleanliness();
  return {
    cleanliness: () => cleanliness.counts(),
    observe({ source, record }) {
      cleanliness.add(record);
      const count = counts.get(source.name);
      if (count === undefined) return;
      count.documents += 1;
      const licence = record.licence ?? 'unknown';
      count.licences[licence] = (count.licences[licence] ?? 0) + 1;
    },
    entries: () =>
      sources.map(({ name, artifact, url, revision }) => ({
        name,
        digest: artifact.digest,
        documents: counts.get(name)?.documents ?? 0,
        ...(url === '' ? {} : { url }),
        ...(revision === '' ? {} : { revision }),
        licences: sortKeys(counts.get(name)?.licences ?? {}),
      })),
  };
}
