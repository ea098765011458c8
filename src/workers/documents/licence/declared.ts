import type { DocumentFormat } from '../../../contract/documents.ts';
import { readExpression } from './expression.ts';

/** characters at the start of a document in which its own licence is looked for */
const headLength = 4096;
/** at the start of a line, after the marks of a comment: in a string it is data of a program */
const spdxLine =
  /^[ \t]*(?:\/{2,3}|\/?\*{1,2}|#{1,3}|<!--|\{#|--|;{1,3}|%|\.\.|rem)?[ \t]*SPDX-License-Identifier:[ \t]*([A-Za-z0-9 .+()-]+?)[ \t]*(?:\*\/|-->|#\}|["'`*/]|$)/im;
const frontMatter = /^---\n([\s\S]*?\n)---\s*$/m;
const frontMatterLine = /^licen[cs]e:[ \t]*["']?([^"'\n#]+)/im;

/** The licence that a document gives itself, in an SPDX line or in its front matter. */
export function declaredLicence(text: string, format: DocumentFormat): string | undefined {
  const head = text.slice(0, headLength);
  const line = spdxLine.exec(head)?.[1];
  if (line !== undefined) return readExpression(line);
  if (format !== 'markdown' || !head.startsWith('---\n')) return undefined;
  const matter = frontMatter.exec(head)?.[1] ?? '';
  const value = frontMatterLine.exec(matter)?.[1];
  return value === undefined ? undefined : readExpression(value);
}
