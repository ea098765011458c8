import type { Report } from '../../../contract/report.ts';
import type { Manifest } from '../../../contract/rows.ts';
import { frontMatter } from './card/front-matter.ts';
import { diversitySection, shapingSection, threeSections } from './card/quality.ts';
import {
  filesSection,
  makingSection,
  rejectedSection,
  sourcesSection,
  tasksSection,
  tokensSection,
  warningsSection,
} from './card/sections.ts';

const fromDocuments =
  'Questions and answers made from documents. Every row names its source, its place there and the quote that proves it.';
const imported =
  'Questions and answers that were made elsewhere. Every row names its file and line there; no quote proves it.';

const limits = `## Limits

- A quote that stands in the document proves that the document says so, not that it is true or up to date.
- \`recall\` and \`test\` answer different questions and must not be mixed in one figure.
- Rows keep the licence of the documents they come from; see the sources above.
- Secrets and personal data are taken out by patterns; what no pattern knows stays.`;

/** README.md of the dataset artifact: a dataset card that people and the Hugging Face hub read. */
export function renderCard(manifest: Manifest, report: Report): string {
  const isImported = manifest.sources.length === 0;
  const parts = [
    frontMatter(manifest, report),
    `# ${manifest.name}`,
    isImported ? imported : fromDocuments,
    ...warningsSection(report),
    ...filesSection(manifest),
    ...sourcesSection(manifest),
    ...makingSection(manifest),
    ...tasksSection(report),
    ...threeSections(report),
    ...diversitySection(report),
    ...tokensSection(report),
    ...shapingSection(report),
    ...rejectedSection(report),
    limits,
  ];
  return `${parts.join('\n\n')}\n`;
}
