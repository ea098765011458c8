import type { Draft, Problem, Scene } from '../draft.ts';
import { fencesOf } from './fences.ts';
import { syntaxError } from './syntax.ts';

/** Code of an answer parses; where code was asked for, there is some. */
export async function checkCode({ task, answer }: Draft, { isCodeParsed }: Scene): Promise<Problem | undefined> {
  const { fences } = fencesOf(answer);
  if (task === 'codeGeneration' && !fences.some(({ code }) => code.trim() !== ''))
    return { reason: 'NO_CODE', detail: answer };
  if (!isCodeParsed) return undefined;
  for (const { language, code } of fences) {
    const error = await syntaxError(language, code);
    if (error !== undefined) return { reason: 'BAD_CODE', detail: `${language}: ${error}: ${code}` };
  }
  return undefined;
}
