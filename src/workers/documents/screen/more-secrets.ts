import { isPlaceholder, looksRandom } from './placeholder.ts';
import type { SensitiveSpan } from './span.ts';

interface Pattern {
  kind: string;
  /** its first group, or the whole, is the secret */
  pattern: RegExp;
  isSecret?: (value: string) => boolean;
}

/** Keys of services that secretlint's recommended rules lack; each has a form of its own. */
const patterns: readonly Pattern[] = [
  { kind: 'google-api-key', pattern: /\bAIza[\w-]{35}(?![\w-])/g },
  { kind: 'pypi-token', pattern: /\bpypi-AgE[\w-]{50,}/g },
  // DeepSeek and others that follow OpenAI's form
  { kind: 'model-api-key', pattern: /\bsk-(?:[0-9a-f]{32}|or-v1-[0-9a-f]{64})\b/g },
  { kind: 'azure-storage-key', pattern: /\bAccountKey=([A-Za-z0-9+/]{86}==)/g },
  { kind: 'age-key', pattern: /\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b/g },
  { kind: 'telegram-token', pattern: /\b\d{8,10}:AA[\w-]{33}(?![\w-])/g },
  {
    kind: 'secret',
    // no part before the word, and few blanks: a pattern that looks back or ahead without end takes hours on a hostile text
    pattern:
      /(?:password|passwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)["']?[ \t]{0,8}(?:=>?|:=|:(?=[ \t"'`]))[ \t]{0,8}["'`]?([A-Za-z0-9+/_=-]{20,128})(?![\w+/=.(-])/gi,
    isSecret: looksRandom,
  },
];

export const findMoreSecrets = (text: string): SensitiveSpan[] =>
  patterns.flatMap(({ kind, pattern, isSecret = (value: string) => !isPlaceholder(value) }) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const value = match[1] ?? match[0];
      const end = match.index + match[0].length;
      return isSecret(value) ? [{ start: end - value.length, end, kind }] : [];
    }),
  );
