import type { Topic } from '../topic.ts';

/** Questions about a topic in different words, the plainest first. All of one list have the same answer. */
export interface Phrases {
  /** something of an API that has its own heading */
  api(topic: Topic): string[];
  /** an option, property or method in a list */
  entry(topic: Topic): string[];
  /** the default of an option */
  defaultValue(topic: Topic): string[];
  /** "X is ..." */
  definition(topic: Topic, isPlural: boolean): string[];
  /** how a section begins */
  lead(topic: Topic): string[];
  code(topic: Topic, language: string): string[];
  cell(topic: Topic, column: string): string[];
}
