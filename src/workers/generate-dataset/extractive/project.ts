import type { Section } from '../parse/block.ts';

/** What a document calls itself at its top. */
export interface Title {
  source: string;
  path: string;
  title?: string;
}

/** The name of the project of each source. */
export function projectNames(documents: readonly Title[]): Map<string, string> {
  return new Map(
    [...Map.groupBy(documents, ({ source }) => source)].map(([source, own]) => [source, projectName(source, own)]),
  );
}

/**
 * The name that the documents give their project: a top heading that most of them share, else the first top heading of
 * a README or index, else the name of the source without its usual endings.
 */
export function projectName(source: string, documents: readonly Title[]): string {
  const counts = new Map<string, number>();
  for (const { title } of documents) if (title !== undefined) counts.set(title, (counts.get(title) ?? 0) + 1);
  const [shared] = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  if (shared !== undefined && shared[1] >= 2 && shared[1] * 2 > documents.length) return shared[0];
  const readme = documents.find(({ path }) => /^(?:.*\/)?(?:readme|index)\.\w+$/i.test(path) && !path.includes('/'));
  if (readme?.title !== undefined && readme.title.length <= 40) return readme.title;
  return source.replace(/[-_.](?:docs?|documents|documentation|source|site)$/, '');
}

/** The top heading of a document. */
export function topTitle(text: string, sections: readonly Section[]): string | undefined {
  // a logo and a centred title are often written in HTML
  const html = /<h1[^>]*>\s*([^<]+?)\s*<\/h1>/i.exec(text.slice(0, 2000))?.[1];
  const title = html ?? sections.find((section) => section.path.length > 0)?.path[0]?.replace(/^`|`$/g, '');
  // a copy: a slice of the text would keep all of it in memory
  return title === undefined ? undefined : Buffer.from(title).toString();
}
