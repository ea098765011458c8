import type { Section } from '../parse/block.ts';

/**
 * The name that the documents give their project: a top heading that most of them share, else the first top heading of
 * a README or index, else the name of the source without its usual endings.
 */
export function projectName(
  source: string,
  documents: readonly { path: string; text: string; sections: Section[] }[],
): string {
  const titles = documents.map(topTitle);
  const counts = new Map<string, number>();
  for (const title of titles) if (title !== undefined) counts.set(title, (counts.get(title) ?? 0) + 1);
  const [shared] = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  if (shared !== undefined && shared[1] >= 2 && shared[1] * 2 > documents.length) return shared[0];
  const readme = documents.findIndex(
    ({ path }) => /^(?:.*\/)?(?:readme|index)\.\w+$/i.test(path) && !path.includes('/'),
  );
  const title = titles[readme];
  if (title !== undefined && title.length <= 40) return title;
  return source.replace(/[-_.](?:docs?|documents|documentation|source|site)$/, '');
}

function topTitle({ text, sections }: { text: string; sections: Section[] }): string | undefined {
  // a logo and a centred title are often written in HTML
  const html = /<h1[^>]*>\s*([^<]+?)\s*<\/h1>/i.exec(text.slice(0, 2000));
  return html?.[1] ?? sections.find((section) => section.path.length > 0)?.path[0]?.replace(/^`|`$/g, '');
}
