import type { GenerateInput } from '../../../contract/inputs.ts';
import { isoDates } from './dates.ts';
import { createTermChanger, readGlossary, type Glossary } from './glossary.ts';
import { plainNumbers } from './numbers.ts';
import { mapProse } from './prose.ts';

/** How many places of each kind were changed. */
export interface ConsistencyCounts {
  dates: number;
  numbers: number;
  terms: number;
}

export interface Consistency {
  /** whether nothing is ever changed */
  isOff: boolean;
  /** Bring the prose of a row into one form. Code, addresses and mark-up stay as they are; a second time changes nothing. */
  apply: (text: string) => { text: string; counts: ConsistencyCounts };
}

/** Throws WorkerFailure `data` GlossaryInvalid. */
export async function openConsistency({
  dates,
  numbers,
  glossary,
}: GenerateInput['consistency']): Promise<Consistency> {
  const terms = glossary === null ? undefined : await readGlossary(glossary);
  return createConsistency({ dates: dates === 'ISO', numbers: numbers === 'Plain', ...(terms && { terms }) });
}

export function createConsistency(rules: { dates?: boolean; numbers?: boolean; terms?: Glossary }): Consistency {
  const changeTerms = createTermChanger(rules.terms ?? new Map());
  const isOff = rules.dates !== true && rules.numbers !== true && (rules.terms?.size ?? 0) === 0;
  const pass = (text: string, counts: ConsistencyCounts): string =>
    mapProse(text, (prose) => {
      const plain = rules.numbers === true ? plainNumbers(prose, () => (counts.numbers += 1)) : prose;
      const dated = rules.dates === true ? isoDates(plain, () => (counts.dates += 1)) : plain;
      return changeTerms(dated, () => (counts.terms += 1));
    });
  const apply: Consistency['apply'] = (text) => {
    const counts = { dates: 0, numbers: 0, terms: 0 };
    return { text: isOff ? text : settle(text, (current) => pass(current, counts)), counts };
  };
  return { isOff, apply };
}

/** one change may make room for another; a glossary whose terms feed each other must not run for ever */
const mostPasses = 8;

function settle(text: string, pass: (text: string) => string): string {
  let current = text;
  for (let count = 0; count < mostPasses; count += 1) {
    const next = pass(current);
    if (next === current) break;
    current = next;
  }
  return current;
}
