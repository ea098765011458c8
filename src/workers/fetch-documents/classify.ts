import { extname, basename } from 'node:path/posix';
import type { DocumentFormat, SkippedDocument } from '../../contract/documents.ts';

const extensions: Record<Exclude<DocumentFormat, 'code'>, readonly string[]> = {
  markdown: ['.md', '.mdx', '.markdown', '.mdown'],
  rst: ['.rst', '.rest'],
  html: ['.html', '.htm', '.xhtml'],
  asciidoc: ['.adoc', '.asciidoc'],
  text: ['.txt', '.text', '.org'],
  notebook: [],
  pdf: [],
  docx: [],
};

const codeExtensions = [
  ...['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.vue', '.svelte', '.py', '.pyi', '.go', '.rs'],
  ...['.java', '.kt', '.kts', '.scala', '.groovy', '.c', '.h', '.cc', '.cpp', '.cxx', '.hh', '.hpp', '.cs', '.fs'],
  ...['.rb', '.php', '.swift', '.m', '.dart', '.lua', '.pl', '.r', '.jl', '.ex', '.exs', '.erl', '.hs', '.clj'],
  ...['.sh', '.bash', '.zsh', '.ps1', '.sql', '.proto', '.graphql', '.css', '.scss', '.tf'],
  ...['.yaml', '.yml', '.toml', '.json', '.ini'],
];

const formats = new Map<string, DocumentFormat>([
  ...Object.entries(extensions).flatMap(([format, list]) =>
    list.map((ext) => [ext, format as DocumentFormat] as const),
  ),
  ...codeExtensions.map((ext) => [ext, 'code'] as const),
]);

/** files that are text by custom and carry no extension */
const plainNames = new Set(['README', 'CHANGELOG', 'CONTRIBUTING', 'AUTHORS', 'INSTALL', 'NEWS']);

export function formatOf(path: string): DocumentFormat | undefined {
  return formats.get(extname(path).toLowerCase()) ?? (plainNames.has(basename(path)) ? 'text' : undefined);
}

export type Decoded = { text: string } | { skip: SkippedDocument['reason'] };

const lfsPointer = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\r?\n/;
/** as git does: a zero byte near the start means binary */
const sniffedBytes = 8000;

/** The text of a file without its byte order mark, or why it is no document. */
export function decode(content: Buffer): Decoded {
  const encoding = encodingOf(content);
  if (encoding === 'utf-8' && content.subarray(0, sniffedBytes).includes(0)) return { skip: 'Binary' };
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(content);
  } catch {
    return { skip: 'BadEncoding' };
  }
  if (text.trim() === '') return { skip: 'Empty' };
  if (lfsPointer.test(text)) return { skip: 'LfsPointer' };
  return { text };
}

function encodingOf(content: Buffer): string {
  if (content[0] === 0xff && content[1] === 0xfe) return 'utf-16le';
  if (content[0] === 0xfe && content[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}
