import picomatch from 'picomatch';
import { WorkerFailure } from '../shell/failure.ts';

/** Whether a path of a source is wanted. */
export type Selection = (path: string) => boolean;

/**
 * Globs as in shells and `.gitignore` editors: `*` stays within a folder, `**` crosses them, braces and character classes work.
 * A pattern without a wildcard also means everything below that folder. No include pattern means all files; hidden
 * files are included only by patterns that name the dot, and excluded by any pattern that matches.
 */
export function createSelection(include: readonly string[], exclude: readonly string[]): Selection {
  const isIncluded = matcher(include.length === 0 ? ['**'] : include, 'include', false);
  const isExcluded = exclude.length === 0 ? () => false : matcher(exclude, 'exclude', true);
  return (path) => isIncluded(path) && !isExcluded(path);
}

function matcher(patterns: readonly string[], field: string, dot: boolean): Selection {
  const globs = patterns.flatMap((pattern) => {
    const plain = pattern.replace(/^\.?\//, '').replace(/\/$/, '');
    if (plain === '' || plain.split('/').includes('..')) {
      throw new WorkerFailure(
        'config',
        'InvalidGlob',
        `${field} pattern "${pattern}" must name paths within the source`,
      );
    }
    return picomatch.scan(plain).isGlob ? [plain] : [plain, `${plain}/**`];
  });
  return picomatch(globs, { dot, nonegate: true });
}

/** Whether files below a folder may be selected, as far as the folders that patterns begin with tell. */
export function createReach(include: readonly string[], exclude: readonly string[]): Selection {
  const isExcluded = exclude.length === 0 ? () => false : matcher(exclude, 'exclude', true);
  const starts = include.map((pattern) => picomatch.scan(pattern.replace(/^\.?\//, '')).base.replace(/\/$/, ''));
  const isWithin = (path: string, folder: string): boolean => folder === '' || `${path}/`.startsWith(`${folder}/`);
  return (folder) => {
    if (isExcluded(folder)) return false;
    return starts.length === 0 || starts.some((start) => isWithin(folder, start) || isWithin(start, folder));
  };
}
