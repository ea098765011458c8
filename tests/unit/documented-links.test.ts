import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const pages = globSync(['*.md', 'docs/**/*.md', 'charts/**/*.md', 'examples/**/*.md'], { cwd: root });

/** Where the links of a page lead that are neither addresses nor places on the same page. */
const linksOf = (page: string): string[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target]) => target!.split('#')[0]!)
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));

describe('documents', () => {
  test('link to files that are there', () => {
    const links = pages.flatMap((page) => linksOf(page).map((target) => ({ page, target })));
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter(({ page, target }) => !existsSync(join(root, dirname(page), target)))).toEqual([]);
  });

  test('of decisions have a number each, which begins their title', () => {
    const decisions = globSync('docs/adr/[0-9]*.md', { cwd: root });
    const numbers = decisions.map((page) => basename(page).slice(0, 4));
    expect(new Set(numbers).size).toBe(decisions.length);
    for (const [index, page] of decisions.entries())
      expect(readFileSync(join(root, page), 'utf8')).toMatch(new RegExp(`^# ${numbers[index]} `));
  });
});
