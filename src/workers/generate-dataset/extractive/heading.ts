import type { Section } from '../parse/block.ts';
import type { Finding } from '../fact.ts';
import { leadAnswer } from './answer.ts';
import { found, refused, type Context } from './context.ts';
import { isApiName, topicOf, type Topic } from './topic.ts';

/** What a section says about its title: the first sentences of its first paragraph that is an answer. */
export function headingFacts(section: Section, context: Context): Finding[] {
  const title = section.path.at(-1);
  if (title === undefined || isDirectory(title)) return [];
  const refusals: Finding[] = [];
  for (const block of section.blocks) {
    // what comes after the first example explains the example
    if (block.kind === 'code' && refusals.length > 0) break;
    if (block.kind !== 'paragraph') continue;
    const answer = leadAnswer(block.prose);
    if ('reason' in answer) {
      if (answer.reason !== 'EMPTY') refusals.push(refused(answer.reason, block.prose.text, block.start));
      continue;
    }
    const topic = topicOf(section.path, context.project, context.fallback);
    const { task, questions, weight } = ask(topic, answer.text, context);
    const fact = { task, questions, weight, answer: answer.text, evidence: [answer.evidence], heading: section.path };
    return [...refusals, found(context, fact)];
  }
  return refusals;
}

/** Lists of the documents themselves and of people, and closing words. */
const isDirectory = (title: string): boolean =>
  /table of contents|^contents$|contributors|^conclusions?$|acknowledg|目录|贡献者/i.test(title);

function ask(topic: Topic, answer: string, { phrases }: Context) {
  if (isApiName(topic.name)) return { task: 'explain', questions: phrases.api(topic), weight: 4 } as const;
  if (isDefinition(topic.name, answer))
    return { task: 'factual', questions: phrases.definition(topic, isPlural(topic.name, answer)), weight: 4 } as const;
  return { task: 'explain', questions: phrases.lead(topic), weight: 2 } as const;
}

const isPlural = (name: string, answer: string): boolean => /s$/i.test(name) && /^.{0,60}?\bare\b/.test(answer);

function isDefinition(name: string, answer: string): boolean {
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(
    `^(?:an?\\s|the\\s)?${escaped}\\b.{0,40}?\\b(?:(?:is|are) (?:an?|the) (?!(?:\\w+ )?way\\b)|means|refers to|是|指)`,
    'i',
  ).test(answer);
}
