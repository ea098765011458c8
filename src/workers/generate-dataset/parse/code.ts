import { extname } from 'node:path/posix';
import type { Block } from './block.ts';
import { alignProse, flattenProse, mapWhole, type Span } from './prose.ts';

/**
 * A source file: each documented top-level declaration becomes a heading (its name), a paragraph (its comment) and a
 * code block (its first line). Found by the shape of comments, not by parsing: what does not fit stays one code block.
 */
export function parseCode(path: string, text: string): Block[] {
  const found = declarations(extname(path).toLowerCase(), text);
  if (found.length === 0)
    return [{ kind: 'code', language: extname(path).slice(1), code: text.trimEnd(), ...whole(text) }];
  return found.flatMap(({ name, comment, declaration }): Block[] => {
    const source = text.slice(comment.start, comment.end);
    const prose = flattenProse(alignProse(cleanComment(source), source, comment.start));
    const code = text.slice(declaration.start, declaration.end);
    const start = Math.min(comment.start, declaration.start);
    const parts: Block[] = [
      { kind: 'paragraph', prose, ...comment },
      { kind: 'code', language: extname(path).slice(1), code, ...declaration },
    ];
    const heading: Block = {
      kind: 'heading',
      depth: 1,
      prose: mapWhole(`\`${name}\``, declaration),
      start,
      end: start,
    };
    return [heading, ...parts.sort((a, b) => a.start - b.start)];
  });
}

interface Declaration {
  name: string;
  comment: Span;
  declaration: Span;
}

const whole = (text: string): Span => ({ start: 0, end: text.trimEnd().length });

const javaScript =
  /^(\/\*\*(?:[^*]|\*(?!\/))*\*\/)\n((?:export\s+)?(?:default\s+)?(?:async\s+)?(?:function\*?|class|const|interface|type)\s+([A-Za-z_$][\w$]*)[^\n]*)/dgm;
const go = /^((?:\/\/[^\n]*\n)+)((?:func|type)\s+(?:\([^)]*\)\s*)?([A-Z]\w*)[^\n]*)/dgm;
const rust = /^((?:\/\/\/[^\n]*\n)+)((?:pub\s+)(?:async\s+)?(?:fn|struct|enum|trait)\s+(\w+)[^\n]*)/dgm;
const python = /^((?:async\s+)?(?:def|class)\s+([A-Za-z]\w*)[^\n]*:)\n\s+[rR]?("""[^]*?""")/dgm;

const patterns = new Map<string, RegExp>([
  ...['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'].map((ext) => [ext, javaScript] as const),
  ['.go', go],
  ['.rs', rust],
  ['.py', python],
]);

function declarations(extension: string, text: string): Declaration[] {
  const pattern = patterns.get(extension);
  if (pattern === undefined) return [];
  return [...text.matchAll(pattern)].map((match) => {
    const span = (group: number): Span => {
      const [start, end] = match.indices?.[group] ?? [0, 0];
      return { start, end: start + text.slice(start, end).trimEnd().length };
    };
    return extension === '.py'
      ? { declaration: span(1), name: match[2] ?? '', comment: span(3) }
      : { comment: span(1), declaration: span(2), name: match[3] ?? '' };
  });
}

/** The prose of a comment up to its first tag or blank line. */
function cleanComment(source: string): string {
  const text = source
    .replace(/^(\/\*\*|[rR]?""")|(\*\/|""")$/g, '')
    .replace(/^[^\S\n]*(\*(?!\/)|\/\/\/?)[^\S\n]?/gm, '')
    .trim();
  const end = text.search(/\n\s*(?:\n|@\w|:param|Args:|Returns:|Parameters\n)/);
  return end === -1 ? text : text.slice(0, end).trim();
}
