import type { Report } from '../../../contract/report.ts';
import type { Row } from '../../../contract/rows.ts';
import { sampleGeneral } from '../mixture/index.ts';
import type { RowSink } from './row-sink.ts';
import type { Writing } from './writing.ts';

export interface Mixed {
  report: Report['mixture'];
  warnings: string[];
}

/** Add general rows to the trained ones, where they are asked for. */
export async function mixGeneral(
  { input: { mixture, split }, work, collected }: Writing,
  sink: RowSink,
  domainTokens: number,
  accepts: (row: Row) => boolean,
): Promise<Mixed> {
  if (mixture === null) return { report: null, warnings: [] };
  const mixed = await sampleGeneral({
    folder: mixture.general,
    domainWeight: mixture.domainWeight,
    domainTokens,
    seed: split.seed,
    countTokens: (text) => work.tokenizer.count(text),
    questions: collected.asked,
    accepts,
    onRejected: (row) => collected.rejected.add(row),
  });
  for await (const row of mixed.rows()) await sink.write(row);
  return { report: { counts: mixed.counts, domainShare: mixed.domainShare }, warnings: mixed.warnings };
}
