import type { GenerateInput, OpenaiInput } from '../../../contract/inputs/generate.ts';
import type { Asker } from '../../model-endpoint/open-asker.ts';
import type { Message } from '../../model-endpoint/question.ts';
import type { Corpus } from '../corpus.ts';
import type { Judge } from '../judge/judge.ts';
import type { SideOf } from '../plan/neighbours.ts';
import { showDocuments, type Shown } from '../prompts/documents.ts';
import type { Templates } from '../prompts/load.ts';

export type ModelAsker = Pick<Asker, 'ask' | 'askFor'>;

/** What is at hand while units are worked on. */
export interface Desk {
  input: GenerateInput;
  settings: OpenaiInput;
  corpus: Corpus;
  /** what a chunk is shown with lies on its side of the split */
  sideOf: SideOf;
  templates: Templates;
  /** of all templates, to recognise answers that repeat them */
  promptWords: ReadonlySet<string>;
  asker: ModelAsker;
  judge: Judge | undefined;
  gap: ModelAsker | undefined;
}

/** System prompt, then documents, then the task: what stays the same comes first, for the prefix caches of providers. */
export const messagesOf = (system: string, shown: readonly Shown[], task: string): Message[] => [
  { role: 'system', content: system },
  { role: 'user', content: `${showDocuments(shown)}\n\n${task}` },
];

export const languageNames = { zh: 'Chinese', en: 'English' } as const;
