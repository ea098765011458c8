import parse from 'spdx-expression-parse';

/** a licence that is there, but that no SPDX identifier names */
export const unknownLicence = 'LicenseRef-unknown';
/** how a policy names documents without a licence */
const none = 'NONE';
const maxLength = 256;

export interface LicencePolicy {
  allow: readonly string[];
  deny: readonly string[];
}

/** The expression in one line; the unknown licence where it is none of SPDX's. */
export function readExpression(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length <= maxLength && tryParse(line) !== undefined ? line : unknownLicence;
}

/** Names in a policy that are neither SPDX identifiers nor "NONE": they would never match. */
export const unknownNames = (names: readonly string[]): string[] =>
  names.filter((name) => name !== none && tryParse(name) === undefined);

/** Whether a document under this licence may be read: of alternatives one is enough, of joined licences each counts. */
export function isPermitted(expression: string | undefined, { allow, deny }: LicencePolicy): boolean {
  const isNamed = (names: readonly string[], licence: string): boolean => {
    return names.some((name) => family(name) === family(licence));
  };
  const accepts = (licence: string): boolean =>
    !isNamed(deny, licence) && (allow.length === 0 || isNamed(allow, licence));
  const parsed = expression === undefined ? undefined : tryParse(expression);
  return parsed === undefined ? accepts(none) : holds(parsed, accepts);
}

function holds(info: parse.Info, accepts: (licence: string) => boolean): boolean {
  if (!('conjunction' in info)) return accepts(info.license);
  const [left, right] = [holds(info.left, accepts), holds(info.right, accepts)];
  return info.conjunction === 'and' ? left && right : left || right;
}

/** The GNU licences have a name for each of "only", "or later" and the old form, and one text. */
const family = (name: string): string => name.replace(/(-only|-or-later|\+)$/, '').toLowerCase();

function tryParse(text: string): parse.Info | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
