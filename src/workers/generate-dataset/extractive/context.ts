import type { Fact, Finding } from '../fact.ts';
import type { Phrases } from './phrases/phrases.ts';

export interface Context {
  project: string;
  /** what to call the document where it has no headings */
  fallback: string;
  language: 'zh' | 'en';
  phrases: Phrases;
}

export const found = (context: Context, fact: Omit<Fact, 'language'>): Finding => ({
  fact: { ...fact, language: context.language },
});

export const refused = (reason: string, text: string, at: number): Finding => ({
  refusal: { reason, detail: text.slice(0, 200), at, row: null },
});
