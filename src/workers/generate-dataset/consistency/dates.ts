const months = 'january february march april may june july august september october november december'.split(' ');
const monthNames = months
  .map((name) => `${name}|${name.slice(0, 3)}\\.?${name === 'september' ? '|sept\\.?' : ''}`)
  .join('|');
const year = '(?<year>[12]\\d{3})';
const day = '(?<day>3[01]|[12]\\d|0?[1-9])(?:st|nd|rd|th)?';
const month = `(?<month>${monthNames})`;

/** Only what can be read in one way: a month by its name, or the year first. 01/02/2026 is a matter of country. */
const forms = [
  new RegExp(`(?<![\\p{L}\\p{N}./-])${day}(?:\\s+of)?\\s+${month},?\\s+${year}(?![\\p{L}\\p{N}])`, 'giu'),
  new RegExp(`(?<![\\p{L}\\p{N}])${month}\\s+${day},?\\s+${year}(?![\\p{L}\\p{N}])`, 'giu'),
  /(?<!\d)(?<year>[12]\d{3})\s*年\s*(?<month>1[0-2]|0?[1-9])\s*月\s*(?<day>3[01]|[12]\d|0?[1-9])\s*[日号]/gu,
  /(?<![\p{L}\p{N}/.-])(?<year>[12]\d{3})\/(?<month>1[0-2]|0?[1-9])\/(?<day>3[01]|[12]\d|0?[1-9])(?![\p{L}\p{N}/-])/gu,
];

/** Dates in prose as 2026-01-31. */
export function isoDates(prose: string, count: () => void): string {
  return forms.reduce(
    (text, form) =>
      text.replace(form, (found, ...rest: unknown[]) => {
        const iso = isoDate(rest.at(-1) as Record<'year' | 'month' | 'day', string>);
        if (iso === undefined) return found;
        count();
        return iso;
      }),
    prose,
  );
}

/** Undefined for a day that its month has not. */
function isoDate({ year, month, day }: Record<'year' | 'month' | 'day', string>): string | undefined {
  const index = months.findIndex((name) => name.startsWith(month.toLowerCase().slice(0, 3)));
  const number = /^\d/.test(month) ? Number(month) : index + 1;
  const date = new Date(Date.UTC(Number(year), number - 1, Number(day)));
  return date.getUTCMonth() === number - 1 ? date.toISOString().slice(0, 10) : undefined;
}
