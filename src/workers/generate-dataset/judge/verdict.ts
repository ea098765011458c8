import type { GenerateInput } from '../../../contract/inputs/generate.ts';

export interface Verdict {
  claims: { text: string; supported: boolean }[];
  faithful: boolean;
  /** 0 to 2 */
  relevance: number;
  /** 0 or 1 */
  selfContained: number;
  /** null without code */
  codeCorrect: boolean | null;
  /** 1 to 5 */
  difficulty: number;
  reason: string;
}

export type Thresholds = Pick<NonNullable<GenerateInput['judge']>, 'minRelevance' | 'requireSelfContained'>;

/** Why a verdict turns a row down; undefined if it does not. A claim without support counts, whatever the sum says. */
export function turnsDown(verdict: Verdict, thresholds: Thresholds): string | undefined {
  const [first] = faults(verdict, thresholds);
  return first;
}

function faults(verdict: Verdict, { minRelevance, requireSelfContained }: Thresholds): string[] {
  const found: string[] = [];
  if (!verdict.faithful || verdict.claims.some(({ supported }) => !supported)) found.push('UNFAITHFUL');
  if (verdict.codeCorrect === false) found.push('WRONG_CODE');
  if (verdict.relevance < minRelevance) found.push('IRRELEVANT');
  if (requireSelfContained && verdict.selfContained < 1) found.push('NOT_UNDERSTOOD_ALONE');
  return found;
}

/** A verdict that contradicts itself, or misses by one step in one point: another look may see it otherwise. */
export function isAtBorder(verdict: Verdict, thresholds: Thresholds): boolean {
  const unsupported = verdict.claims.filter(({ supported }) => !supported).length;
  if (verdict.faithful !== (unsupported === 0)) return true;
  const found = faults(verdict, thresholds);
  if (found.length !== 1) return false;
  const isOneOfSeveral = unsupported === 1 && verdict.claims.length > 1;
  return found[0] === 'UNFAITHFUL' ? isOneOfSeveral : verdict.relevance >= thresholds.minRelevance - 1;
}

/** The verdict that most votes agree with; the first one where as many say the other, as when a vote is missing. */
export function majority(verdicts: readonly Verdict[], thresholds: Thresholds): Verdict | undefined {
  const down = verdicts.filter((verdict) => turnsDown(verdict, thresholds) !== undefined);
  const up = verdicts.filter((verdict) => !down.includes(verdict));
  if (up.length === down.length) return verdicts[0];
  return (down.length > up.length ? down : up)[0];
}
