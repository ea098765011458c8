import type { DocumentRecord } from '../../../contract/documents.ts';
import type { Report } from '../../../contract/report.ts';
import { createCounter } from './counter.ts';

export interface CleanlinessCounter {
  add(record: Pick<DocumentRecord, 'cleaning' | 'redactions' | 'licence' | 'file'>): void;
  counts(): Report['cleanliness'];
}

/** Sums what was changed in the documents before anything was made of them. */
export function createCleanliness(): CleanlinessCounter {
  const [changes, redactions, licences] = [createCounter(), createCounter(), createCounter()];
  let [documents, cleaned, converted] = [0, 0, 0];
  return {
    add({ cleaning = {}, redactions: taken = {}, licence, file }) {
      documents += 1;
      if (Object.keys(cleaning).length > 0) cleaned += 1;
      if (file !== undefined) converted += 1;
      licences.add(licence ?? 'unknown');
      for (const [kind, count] of Object.entries(cleaning)) changes.add(kind, count);
      for (const [kind, count] of Object.entries(taken)) redactions.add(kind, count);
    },
    counts: () => ({
      documents,
      cleaned,
      converted,
      changes: changes.counts(),
      redactions: redactions.counts(),
      licences: licences.counts(),
    }),
  };
}
