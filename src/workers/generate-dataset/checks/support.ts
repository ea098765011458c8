import { languageOf } from '../chunk/tokens.ts';
import { isRefusing, type Draft, type Problem, type Scene } from './draft.ts';
import { contentWords, sharedWords } from './words.ts';

/** a rewording keeps more words than this; what has fewer in common with the documents is about something else */
const minShared = 0.25;

/** The words of an answer come from the documents it is said to rest on. It is a floor, no proof: that is the judge's work. */
export function checkSupport(draft: Draft, { passages, project }: Scene): Problem | undefined {
  const text = passages.map((passage) => passage.text).join('\n');
  // words of another language are not the document's
  if (languageOf(text) !== draft.language || isRefusing(draft.task)) return undefined;
  const shared = sharedWords(contentWords(draft.answer), contentWords(`${text}\n${project}`));
  if (shared === undefined || shared >= minShared) return undefined;
  return {
    reason: 'UNSUPPORTED',
    detail: `${Math.round(shared * 100)} % of the words are the document's: ${draft.answer}`,
  };
}
