import { grammarOf } from './languages.ts';
import { withTree } from './tree.ts';

/**
 * Whether code breaks the grammar of its language; undefined where there is no grammar. `language`: as a fence says it,
 * such as `python` or `py`.
 */
export async function hasSyntaxError(language: string, code: string): Promise<boolean | undefined> {
  const grammar = grammarOf(language);
  if (grammar === undefined) return undefined;
  // without its opening tag PHP is text, which has no errors
  const text = grammar === 'php' && !code.includes('<?') ? `<?php\n${code}` : code;
  return withTree(grammar, text, (root) => root.hasError);
}
