export interface Fence {
  /** as written, in lower case; empty if none */
  language: string;
  code: string;
}

/** The fenced code blocks of a Markdown text, and whether each is closed. */
export function fencesOf(text: string): { fences: Fence[]; areBalanced: boolean } {
  const fences: Fence[] = [];
  let open: { mark: string; language: string; lines: string[] } | undefined;
  for (const line of text.split('\n')) {
    const found = /^\s*(`{3,}|~{3,})\s*([^\s`]*)[^`]*$/.exec(line);
    const [, mark = '', language = ''] = found ?? [];
    if (open === undefined) {
      if (found !== null) open = { mark, language: language.toLowerCase(), lines: [] };
    } else if (found !== null && language === '' && mark.startsWith(open.mark)) {
      fences.push({ language: open.language, code: open.lines.join('\n') });
      open = undefined;
    } else {
      open.lines.push(line);
    }
  }
  return { fences, areBalanced: open === undefined };
}

/** The text without its code. */
export const proseOf = (text: string): string => text.replace(/```[^]*?(?:```|$)|`[^`\n]*`/g, ' ');

/** The code spans within the prose. */
export function codeSpans(text: string): string[] {
  const prose = text.replace(/```[^]*?(?:```|$)/g, ' ');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}
