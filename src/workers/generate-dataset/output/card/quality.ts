import type { Report } from '../../../../contract/report.ts';
import { byCount, percent, section, tableOf } from './table.ts';

/** Cleanliness, consistency and coverage: what was changed, and what of the documents is in the rows. */
export function threeSections({ cleanliness, consistency, coverage }: Report): string[] {
  const { documents, cleaned, converted, changes, redactions } = cleanliness;
  return [
    ...section(
      'Cleanliness',
      documents === 0
        ? ''
        : `${documents} documents: ${cleaned} were cleaned, ${converted} were converted to Markdown.`,
      tableOf(['changed in the documents', 'characters'], byCount(changes)),
      tableOf(['taken out of the documents', 'pieces'], byCount(redactions)),
      tableOf(['chunks not asked about', 'chunks'], byCount(coverage.chunks.skipped)),
    ),
    ...section(
      'Consistency',
      tableOf(
        ['forms in the prose of rows', 'before', 'after'],
        Object.entries(consistency ?? {}).map(([kind, { before, after }]) => [kind, before, after]),
      ),
    ),
    ...coverageSection(documents, coverage),
  ];
}

/** Rows that were made elsewhere have no documents to cover. */
function coverageSection(documents: number, { chunks, lowest, share, ...coverage }: Report['coverage']): string[] {
  if (documents === 0) return [];
  const parts = Object.entries({ documents: coverage.documents, sections: coverage.sections, chunks });
  return section(
    'Coverage',
    `${percent(share)} of the usable chunks have a row.`,
    tableOf(
      ['part', 'all', 'usable', 'with a row'],
      parts.map(([name, { total, usable, covered }]) => [name, total, usable, covered]),
    ),
    tableOf(
      ['document with the least coverage', 'usable chunks', 'with a row'],
      lowest.slice(0, 10).map(({ document, usable, covered }) => [document, usable, covered]),
    ),
  );
}

export function diversitySection({ diversity, duplicates, contamination }: Report): string[] {
  const { sampled, distinct1, distinct2, selfBleu, selfBleuSampled, taskEntropy, firstWords, questionTypes } =
    diversity;
  if (sampled === 0) return [];
  const figures: [string, number | null, string][] = [
    ['distinct-1', distinct1, `different words by all words of ${sampled} questions`],
    ['distinct-2', distinct2, 'the same for pairs of words'],
    ['self-BLEU', selfBleu, `of ${selfBleuSampled} questions against the others: 1 if all are alike`],
    ['entropy of tasks', taskEntropy, 'bits'],
  ];
  return section(
    'Diversity',
    tableOf(
      ['figure', 'value', 'meaning'],
      figures.map(([name, value, what]) => [name, value ?? '-', what]),
    ),
    tableOf(['type of question', 'rows'], byCount(questionTypes)),
    tableOf(
      ['questions begin with', 'rows'],
      firstWords.slice(0, 10).map(({ words, rows }) => [words, rows]),
    ),
    tableOf(['duplicates', 'count'], Object.entries(duplicates ?? {})),
    tableOf(['contamination', 'count'], Object.entries(contamination ?? {})),
  );
}

export function shapingSection({ augmentation, mixture, review, delta }: Report): string[] {
  return section(
    'Additions and review',
    tableOf(['changed copies of questions', 'rows'], Object.entries(augmentation ?? {})),
    mixture === null ? '' : `${percent(mixture.domainShare)} of the trained tokens are about the documents.`,
    tableOf(['general rows', 'count'], Object.entries(mixture?.counts ?? {})),
    tableOf(['verdict of reviewers', 'facts'], Object.entries(review ?? {})),
    tableOf(['since the version before', 'rows'], Object.entries(delta ?? {})),
  );
}
