import { extname, basename } from 'node:path/posix';
import type { DocumentFormat } from '../../contract/documents.ts';

const extensions: Record<Exclude<DocumentFormat, 'code'>, readonly string[]> = {
  markdown: ['.md', '.mdx', '.markdown', '.mdown'],
  rst: ['.rst', '.rest'],
  html: ['.html', '.htm', '.xhtml'],
  asciidoc: ['.adoc', '.asciidoc'],
  text: ['.txt', '.text', '.org'],
  notebook: ['.ipynb'],
  pdf: ['.pdf'],
  docx: ['.docx'],
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
