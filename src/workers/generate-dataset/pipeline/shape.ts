import type { GenerateInput } from '../../../contract/inputs.ts';
import { openConsistency } from '../consistency/consistency.ts';
import type { Fact } from '../fact.ts';
import { readVerdicts, type Verdict, type Verdicts } from '../review/verdicts.ts';
import { makeConsistent } from './consistent.ts';
import type { Shaped } from './collect.ts';

/** Brings facts into the form in which they are compared with others and written. */
export interface Shaper {
  shape: (fact: Fact, id: string) => Shaped;
  verdicts?: Verdicts;
}

export async function openShaper({
  review,
  consistency,
}: Pick<GenerateInput, 'review' | 'consistency'>): Promise<Shaper> {
  const forms = await openConsistency(consistency);
  const verdicts = review === null || review.verdicts === null ? undefined : await readVerdicts(review.verdicts);
  return {
    shape: (found, id) => {
      if (hasGap(found)) return { reason: 'REDACTED', stage: 'check', detail: 'something was taken out of it' };
      const { fact, changes } = makeConsistent(found, forms);
      const shaped = judged(fact, verdicts?.of(id));
      return 'fact' in shaped && changes !== undefined ? { ...shaped, record: { ...shaped.record, changes } } : shaped;
    },
    ...(verdicts === undefined ? {} : { verdicts }),
  };
}

/** what screening left in the place of a secret or of personal data */
const redacted = /\[redacted:[a-z0-9-]+\]/;

/** A row with a gap teaches the gap, or asks for it. */
export const hasGap = ({ questions, answer, references = [] }: Pick<Fact, 'questions' | 'answer' | 'references'>) =>
  [...questions, answer, ...references].some(isRedacted);

export const isRedacted = (text: string): boolean => redacted.test(text);

/** What reviewers said of a fact holds for all its wordings. */
function judged(fact: Fact, verdict: Verdict | undefined): Shaped {
  if (verdict === undefined) return { fact };
  const { reviewer, comment } = verdict;
  if (verdict.verdict === 'rejected')
    return { reason: 'REVIEW_REJECTED', stage: 'review', detail: `by ${reviewer}: ${comment}` };
  const answer = verdict.answer ?? fact.answer;
  return { fact: { ...fact, answer }, record: { review: { verdict: verdict.verdict, reviewer } } };
}
