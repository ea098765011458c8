import type { GenerateInput } from '../../../contract/inputs.ts';
import type { Row } from '../../../contract/rows.ts';
import { rowId } from '../rows/id.ts';
import { hashShare } from '../split/hash.ts';
import { changesOf, type Change } from './change.ts';
import { cutPieces } from './pieces.ts';

type Settings = NonNullable<GenerateInput['augmentation']>;

export interface AugmentSettings {
  settings: Settings;
  seed: number;
  /** questions of all rows of all splits, below the questions before them; a copy must not repeat one, and is added */
  questions: { has(question: string): boolean; add(question: string): void };
  countTokens: (text: string) => number;
}

export type AugmentCounts = Record<'MADE' | 'NOT_DRAWN' | 'NOTHING_TO_CHANGE' | 'ASKED_ALREADY', number>;

export interface Augmenter {
  /** Changed copies of a row, none for rows that are not trained or not about the documents. The row itself stays. */
  augment(row: Row): Row[];
  /** Copies that were made, and why others were not. */
  counts(): AugmentCounts;
}

/**
 * Copies of trained questions with one change each: a synonym, two words in another order, or a word left out. Which
 * one, and where, depends on the seed and the row alone. Answers, names, numbers and code are never touched.
 */
export function createAugmenter({ settings, seed, questions, countTokens }: AugmentSettings): Augmenter {
  const counts: AugmentCounts = { MADE: 0, NOT_DRAWN: 0, NOTHING_TO_CHANGE: 0, ASKED_ALREADY: 0 };
  const copyOf = (row: Row, question: string, copy: number): Row | undefined => {
    const change = drawChange(settings, hashShare(seed, `augment ${copy}`, row.id));
    if (change === undefined) {
      counts.NOT_DRAWN += 1;
      return undefined;
    }
    const possible = changesOf(change, cutPieces(question));
    const start = Math.floor(hashShare(seed, `augment at ${copy}`, row.id) * possible.length);
    const context = row.messages.filter(({ role }) => role === 'user').slice(0, -1);
    const inContext = (other: string): string => [...context.map(({ content }) => content), other].join('\n');
    const inTurn = [...possible.slice(start), ...possible.slice(0, start)];
    const fresh = inTurn.find((other) => !questions.has(inContext(other)));
    counts[possible.length === 0 ? 'NOTHING_TO_CHANGE' : fresh === undefined ? 'ASKED_ALREADY' : 'MADE'] += 1;
    if (fresh === undefined) return undefined;
    questions.add(inContext(fresh));
    return changedRow(row, question, fresh, countTokens);
  };
  return {
    augment(row) {
      const question = row.messages.at(-2)?.content;
      if (row.split !== 'train' || row.domain === 'general' || question === undefined) return [];
      return Array.from({ length: settings.copies }, (_, copy) => copyOf(row, question, copy)).filter(
        (copy) => copy !== undefined,
      );
    },
    counts: () => ({ ...counts }),
  };
}

/** At most one change a copy. Chances that add up to more than 1 are shares of 1. */
function drawChange(chances: Settings, share: number): Change | undefined {
  const kinds = ['synonym', 'swap', 'delete'] as const;
  const whole = Math.max(1, chances.synonym + chances.swap + chances.delete);
  let below = 0;
  return kinds.find((kind) => share < (below += chances[kind] / whole));
}

/** What was said and judged of the original does not hold for the copy; its money was spent once. */
function changedRow(row: Row, question: string, changed: string, countTokens: (text: string) => number): Row {
  const at = row.messages.length - 2;
  const messages = row.messages.map((message, index) => (index === at ? { ...message, content: changed } : message));
  const { task, language, split, probe, group, fact, source, generator, domain, reasoning, tokens } = row;
  const prompt = (tokens?.prompt ?? 0) - countTokens(question) + countTokens(changed);
  return {
    id: rowId(messages, source),
    messages,
    ...{ task, language, split, probe, group, fact, source, generator, domain },
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(tokens === undefined ? {} : { tokens: { ...tokens, prompt: Math.max(0, prompt) } }),
    parents: [row.id],
  };
}
