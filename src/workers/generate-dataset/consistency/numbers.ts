const fullWidth = /[０-９]+(?:．[０-９]+)?/g;

/**
 * Thousands separated by commas. One group by itself is only taken where it is no list: in brackets, or beside another
 * comma, "1,000" may be two numbers.
 */
const separated =
  /(?<![\p{L}\p{N}.,_$-])[1-9]\d{0,2}(?:,\d{3}){2,}(?![\p{L}\p{N},_])|(?<![\p{L}\p{N}.,_$[({-])(?<![,;]\s?)[1-9]\d{0,2},\d{3}(?![\p{L}\p{N},_\])}])(?!\s?[,;])/gu;

/** Numbers in prose without full-width digits and thousands separators. */
export function plainNumbers(prose: string, count: () => void): string {
  return prose
    .replace(fullWidth, (found) => {
      count();
      return found.normalize('NFKC');
    })
    .replace(separated, (found) => {
      count();
      return found.replaceAll(',', '');
    });
}
