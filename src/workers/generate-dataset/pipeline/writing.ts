import type { GenerateInput } from '../../../contract/inputs.ts';
import type { Report } from '../../../contract/report.ts';
import type { RowFiles } from '../output/write.ts';
import type { Collected } from './collected.ts';
import type { GenerateSummary } from './outcome.ts';
import type { Parent } from './parent.ts';
import type { Selected } from './selected.ts';
import type { Sources } from './sources.ts';
import type { Work } from './work.ts';

/** All that the artifact is written from. */
export interface Writing {
  input: GenerateInput;
  work: Work;
  collected: Collected;
  selected: Selected;
  parent: Parent | undefined;
  sources: Sources;
  /** of the artifact */
  folder: string;
}

export interface Written {
  files: Pick<RowFiles, 'counts' | 'tasks'>;
  /** rows about the documents, their changed copies left out */
  own: number;
  report: Report;
  delta: GenerateSummary['delta'];
}
