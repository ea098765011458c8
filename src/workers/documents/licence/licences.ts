import { basename, dirname, extname } from 'node:path/posix';
import { unknownLicence } from './expression.ts';
import { matchLicence } from './match.ts';

export interface LicenceFile {
  path: string;
  text: string;
}

const name = /^(licen[cs]e|copying|unlicen[cs]e)([-_.][\w.+-]+)?$/i;
const otherwise = /^\.(ts|js|mjs|cjs|py|go|rs|java|rb|php|c|h|cs|json|ya?ml|toml|html?|png|svg|pdf|docx)$/i;

/** Whether a file by its name holds the licence of its folder and all below: LICENSE, COPYING, LICENSE-MIT, licence.txt. */
export const isLicenceFile = (path: string): boolean =>
  name.test(basename(path)) && !otherwise.test(extname(path)) && extname(path).length <= 12;

/** Of the licence files those in a folder of a selected path or above: a large tree may hold thousands of others. */
export function licencesAbove<F extends { path: string }>(files: readonly F[], selected: readonly string[]): F[] {
  const folders = new Set<string>();
  for (const path of selected)
    for (let folder = dirname(path); !folders.has(folder); folder = dirname(folder)) folders.add(folder);
  return files.filter(({ path }) => isLicenceFile(path) && folders.has(dirname(path)));
}

/** Which licence holds for a path: that of the nearest folder above it that has one. */
export async function openLicences(files: readonly LicenceFile[]): Promise<(path: string) => string | undefined> {
  const byFolder = new Map<string, { path: string; id: string }[]>();
  const ids = new Map<string, string>();
  for (const { path, text } of files) {
    const id = ids.get(text) ?? (await matchLicence(text));
    ids.set(text, id);
    byFolder.set(dirname(path), [...(byFolder.get(dirname(path)) ?? []), { path, id }]);
  }
  const licences = new Map([...byFolder].map(([folder, found]) => [folder, join(found)]));
  return (path) => {
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      const licence = licences.get(folder);
      if (licence !== undefined || folder === '.' || folder === '/') return licence;
    }
  };
}

/** LICENSE-MIT beside LICENSE-APACHE is a choice, by custom; any other files in one folder hold together. */
function join(found: readonly { path: string; id: string }[]): string {
  const ids = [...new Set(found.map(({ id }) => id))].sort();
  const isChoice = found.every(({ path, id }) => {
    const suffix = /[-_.]([a-z]+)/i.exec(basename(path))?.[1]?.toLowerCase();
    return suffix !== undefined && id !== unknownLicence && id.toLowerCase().startsWith(suffix);
  });
  return ids.join(isChoice ? ' OR ' : ' AND ');
}
