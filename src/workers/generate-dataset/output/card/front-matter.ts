import { stringify } from 'yaml';
import type { Report } from '../../../../contract/report.ts';
import { splits, type Manifest } from '../../../../contract/rows.ts';
import { rowFeatures } from './features.ts';

/** identifiers of licences that the Hugging Face hub knows; it writes them in lower case */
const hubLicences = new Set(
  (
    'apache-2.0 mit bsd-2-clause bsd-3-clause bsd-3-clause-clear isc mpl-2.0 gpl-2.0 gpl-3.0 lgpl-2.1 lgpl-3.0 ' +
    'agpl-3.0 epl-1.0 epl-2.0 ecl-2.0 eupl-1.1 eupl-1.2 artistic-2.0 bsl-1.0 ms-pl ncsa ofl-1.1 osl-3.0 postgresql ' +
    'unlicense wtfpl zlib cc0-1.0 cc-by-2.0 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 ' +
    'cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0'
  ).split(' '),
);

const sizes: readonly [number, string][] = [
  [1000, 'n<1K'],
  [10_000, '1K<n<10K'],
  [100_000, '10K<n<100K'],
  [1_000_000, '100K<n<1M'],
  [10_000_000, '1M<n<10M'],
];

/** The head of a dataset card as the Hugging Face hub reads it, between lines of `---`. */
export function frontMatter(manifest: Manifest, report: Report): string {
  const languages = Object.keys(report.rows.byLanguage);
  const content = {
    pretty_name: manifest.name,
    ...(languages.length === 0 ? {} : { language: languages }),
    ...licenceOf(report.cleanliness.licences),
    size_categories: [sizes.find(([below]) => report.rows.total < below)?.[1] ?? '10M<n<100M'],
    task_categories: ['question-answering', 'text-generation'],
    tags: ['doctune', 'synthetic', 'instruction-tuning'],
    configs: configsOf(manifest.files),
    dataset_info: [{ config_name: 'default', features: rowFeatures() }],
  };
  return `---\n${stringify(content)}---`;
}

/** One licence or several that the hub knows, else "other" with the names; nothing if no document tells one. */
function licenceOf(licences: Readonly<Record<string, number>>): object {
  const names = Object.keys(licences).filter((name) => name !== 'unknown');
  if (names.length === 0) return { license: 'unknown' };
  const ids = names.map((name) => name.toLowerCase().replace(/-(?:only|or-later)$/, ''));
  if (ids.every((id) => hubLicences.has(id))) {
    const different = [...new Set(ids)].sort();
    return { license: different.length === 1 ? different[0] : different };
  }
  return { license: 'other', license_name: names.sort().join(', ').slice(0, 256) };
}

/** Files without a row are left out: a loader cannot tell their columns. */
function configsOf(files: Manifest['files']): object[] {
  const splitFile = /^(?:formats\/(.+)\/)?(train|validation|test|recall)\.jsonl$/;
  const found = files.flatMap(({ path, rows }) => {
    const [, form = 'default', split] = splitFile.exec(path) ?? [];
    return split === undefined || rows === 0 ? [] : [{ form: form.replaceAll('/', '-'), split, path }];
  });
  return [...Map.groupBy(found, ({ form }) => form)].map(([form, own]) => ({
    config_name: form,
    ...(form === 'default' ? { default: true } : {}),
    data_files: splits.flatMap((wanted) =>
      own.filter(({ split }) => split === wanted).map(({ split, path }) => ({ split, path })),
    ),
  }));
}
