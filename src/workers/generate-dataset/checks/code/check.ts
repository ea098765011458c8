import type { Draft, Problem, Scene } from '../draft.ts';
import { fencesOf } from './fences.ts';
import { syntaxError } from './syntax.ts';

/** Code of an answer parses; where code was asked for, there is some. */
export function checkCode({ task, answer }: Draft, { isCodeParsed }: Scene): Problem | undefined {
  const { fences } = fencesOf(answer);
  if (task === 'codeGeneration' && !fences.some(({ code }) => code.trim() !== ''))
    return { reason: 'NO_CODE', detail: answer };
  if (!isCodeParsed) return undefined;
  for (const { language, code } of fences) {
    const error = syntaxError(language, code);
    if (error !== undefined) return { reason: 'BAD_CODE', detail: `${language}: ${error}: ${code}` };
  }
  return undefined;
}
