import type { DocumentFormat } from '../../../contract/documents.ts';
import { directionRule, hasRightToLeft, invisibleRules, overrideRule, type Rule } from './invisible.ts';
import { mendMojibake } from './mojibake.ts';

export interface Cleaned {
  text: string;
  /** characters changed, by kind; kinds without a change are left out */
  cleaning: Record<string, number>;
}

/**
 * In source files a string may hold any character on purpose, so that only what no compiler sees is changed. A form feed is
 * white space to compilers, and parts the sections of old sources.
 */
const codeRules: readonly Rule[] = [
  { kind: 'line-break', pattern: /\r\n?/g, replacement: '\n' },
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  { kind: 'control', pattern: /[\0-\x08\x0b\x0e-\x1f\x7f]/g, replacement: '' },
];
const proseRules: readonly Rule[] = [
  { kind: 'line-break', pattern: /[\u0085\u2028\u2029]/g, replacement: '\n' },
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  { kind: 'control', pattern: /[\x0b\x0c]/g, replacement: '\n' },
  ...codeRules,
  { kind: 'control', pattern: /[\x80-\x9f]/g, replacement: '' },
  ...invisibleRules,
];
/** each round removes or mends something, so few are ever needed */
const maxRounds = 8;

/**
 * One Unicode form, one kind of line break, and no character that nobody sees; of source files only line breaks and
 * control characters. Printable ASCII is never changed, and cleaning a cleaned text changes nothing.
 */
export function cleanText(text: string, format: DocumentFormat): Cleaned {
  const cleaning: Record<string, number> = {};
  const count = (kind: string, changed: number): void => {
    if (changed > 0) cleaning[kind] = (cleaning[kind] ?? 0) + changed;
  };
  let current = text;
  // a mended text may show what another rule takes out
  for (let round = 0; round < maxRounds; round += 1) {
    const before = current;
    if (format !== 'code') current = repair(current, count);
    for (const rule of rulesFor(current, format)) current = apply(rule, current, count);
    if (current === before) break;
  }
  return { text: current, cleaning };
}

type Count = (kind: string, changed: number) => void;

function repair(text: string, count: Count): string {
  const mended = mendMojibake(text);
  count('mojibake', mended.count);
  const composed = mended.text.normalize('NFC');
  if (composed !== mended.text) count('composed', changedCharacters(mended.text, composed));
  return composed;
}

/** A measure, not a difference: composing joins characters, rarely it parts them. */
const changedCharacters = (before: string, after: string): number =>
  Math.max(1, Math.abs(Array.from(before).length - Array.from(after).length));

function rulesFor(text: string, format: DocumentFormat): readonly Rule[] {
  if (format === 'code') return codeRules;
  return [...proseRules, overrideRule, ...(hasRightToLeft(text) ? [] : [directionRule])];
}

function apply({ kind, pattern, replacement }: Rule, text: string, count: Count): string {
  let changed = 0;
  const result = text.replace(pattern, () => {
    changed += 1;
    return replacement;
  });
  count(kind, changed);
  return result;
}
