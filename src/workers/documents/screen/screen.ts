import type { Screening } from '../../../contract/inputs/fetch.ts';
import { findMailAddresses } from './mail.ts';
import { findAccounts, findCards, findResidentNumbers, findTelephones } from './numbers.ts';
import { findSecrets } from './secrets.ts';
import type { SensitiveSpan } from './span.ts';

export interface Screened {
  text: string;
  /** pieces taken out, by kind */
  secrets: Record<string, number>;
  personalData: Record<string, number>;
}

const personalFinders = [findMailAddresses, findTelephones, findAccounts, findCards, findResidentNumbers];

/** Find keys, tokens and personal data and put a mark of each kind in their place, as the policy says. */
export async function screenText(text: string, policy: Pick<Screening, 'secrets' | 'personalData'>): Promise<Screened> {
  const secrets = policy.secrets === 'Off' ? [] : await findSecrets(text);
  const personal = policy.personalData === 'Off' ? [] : personalFinders.flatMap((find) => find(text));
  const kept = withoutOverlap([
    ...secrets.map((span) => ({ ...span, isSecret: true })),
    ...personal.map((span) => ({ ...span, isSecret: false })),
  ]);
  return {
    text: redact(text, kept),
    secrets: countKinds(kept.filter(({ isSecret }) => isSecret)),
    personalData: countKinds(kept.filter(({ isSecret }) => !isSecret)),
  };
}

interface Found extends SensitiveSpan {
  isSecret: boolean;
}

/** Of spans that touch one: "key@host" is a password, not an address of a person. */
function withoutOverlap(spans: readonly Found[]): Found[] {
  const kept: Found[] = [];
  const sorted = spans.toSorted(
    (a, b) => a.start - b.start || Number(b.isSecret) - Number(a.isSecret) || b.end - a.end,
  );
  for (const span of sorted) {
    const last = kept.at(-1);
    if (last === undefined || span.start >= last.end) kept.push({ ...span });
    // what sticks out must go too
    else if (span.end > last.end && (span.isSecret || !last.isSecret)) last.end = span.end;
  }
  return kept;
}

/** One word, so that it breaks neither an address nor a line of the document. */
const mark = (kind: string): string => `[redacted:${kind}]`;

function redact(text: string, spans: readonly SensitiveSpan[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, kind } of spans) {
    parts.push(text.slice(at, start), mark(kind));
    at = end;
  }
  return parts.join('') + text.slice(at);
}

function countKinds(spans: readonly SensitiveSpan[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of spans) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
