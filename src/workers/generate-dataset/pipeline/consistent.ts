import type { Report } from '../../../contract/report.ts';
import type { Consistency, ConsistencyCounts } from '../consistency/consistency.ts';
import type { Fact } from '../fact.ts';

/** Places in a fact that were not in the form asked for, by kind, and what is left of them. */
export interface Changes {
  before: ConsistencyCounts;
  after: ConsistencyCounts;
}

const none = (): ConsistencyCounts => ({ dates: 0, numbers: 0, terms: 0 });

/** Bring the prose of a fact into one form. Its evidence stays as the document has it, and so does a long context. */
export function makeConsistent(fact: Fact, consistency: Consistency): { fact: Fact; changes?: Changes } {
  if (consistency.isOff) return { fact };
  const changes: Changes = { before: none(), after: none() };
  const change = (text: string): string => {
    const { text: changed, counts } = consistency.apply(text);
    add(changes.before, counts);
    add(changes.after, consistency.apply(changed).counts);
    return changed;
  };
  const { questions, answer, earlier, worse, reasoning, references } = fact;
  const changed: Fact = {
    ...fact,
    questions: fact.task === 'longContext' ? questions : questions.map(change),
    answer: change(answer),
    ...(earlier === undefined
      ? {}
      : { earlier: earlier.map((turn) => ({ question: change(turn.question), answer: change(turn.answer) })) }),
    ...(worse === undefined ? {} : { worse: change(worse) }),
    ...(reasoning === undefined ? {} : { reasoning: change(reasoning) }),
    ...(references === undefined ? {} : { references: references.map(change) }),
  };
  return { fact: changed, changes };
}

function add(sum: ConsistencyCounts, counts: ConsistencyCounts): void {
  for (const kind of ['dates', 'numbers', 'terms'] as const) sum[kind] += counts[kind];
}

/** Sums the changes of the facts that are published. */
export function createChangeCounter(): { add(changes: Changes | undefined): void; counts(): Report['consistency'] } {
  const sum: Changes = { before: none(), after: none() };
  let isOff = true;
  return {
    add(changes) {
      if (changes === undefined) return;
      isOff = false;
      add(sum.before, changes.before);
      add(sum.after, changes.after);
    },
    counts() {
      if (isOff) return null;
      const { before, after } = sum;
      const of = (kind: keyof ConsistencyCounts) => ({ before: before[kind], after: after[kind] });
      return { dates: of('dates'), numbers: of('numbers'), terms: of('terms') };
    },
  };
}
