import { proseOf } from './code/fences.ts';
import type { Draft, Problem } from './draft.ts';

/** fewer letters than this tell no language */
const minLetters = 12;

/** Question and answer are in the language that was asked for, code aside. */
export function checkLanguage({ language, questions, answer }: Draft): Problem | undefined {
  const wrong = [answer, ...questions].find((text) => {
    const written = languageOfProse(text);
    return written !== undefined && written !== language;
  });
  return wrong === undefined ? undefined : { reason: 'WRONG_LANGUAGE', detail: `not ${language}: ${wrong}` };
}

function languageOfProse(text: string): 'zh' | 'en' | undefined {
  const prose = proseOf(text);
  const wide = prose.match(/[\u4e00-\u9fff]/g)?.length ?? 0;
  const latin = prose.match(/[A-Za-z]/g)?.length ?? 0;
  // a Chinese answer may be full of English names, an English one has hardly a Chinese character
  if (wide >= 2) return wide * 8 > latin ? 'zh' : 'en';
  return latin >= minLetters && /[A-Za-z]+[ ,]+[A-Za-z]+[ ,]+[A-Za-z]+/.test(prose) ? 'en' : undefined;
}
