type Cell = string | number;

/** A Markdown table; the bars of cells are escaped. */
export function table(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (cells: readonly Cell[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

const cell = (value: Cell): string => String(value).replaceAll('|', '\\|').replace(/\s+/g, ' ');

export const code = (value: Cell): string => `\`${value}\``;

export const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

/** Counts as lines of a table, the most frequent first. */
export const byCount = (counts: Readonly<Record<string, number>>): [string, number][] =>
  Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));

/** A section with a heading; empty if there is nothing to say. */
export const section = (title: string, ...parts: readonly string[]): string[] => {
  const said = parts.filter((part) => part !== '');
  return said.length === 0 ? [] : [`## ${title}`, ...said];
};

/** A table, or nothing if it has no row. */
export const tableOf = (header: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  rows.length === 0 ? '' : table(header, rows);
