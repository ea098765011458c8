import type { DocumentFormat } from '../../../contract/documents.ts';
import type { Span } from '../parse/prose.ts';
import { parseRepository, type Repository } from './repository.ts';

export interface LinkedDocument {
  path: string;
  format: DocumentFormat;
  /** address of a web page */
  url?: string | undefined;
  /** whether its text is another than the one at the address, as it was converted */
  isConverted?: boolean;
}

/**
 * An address that leads to a range of a document as it was read: the lines of a file at a commit, or a passage of a web
 * page. Empty where nothing can be opened, such as for a volume or a host of unknown kind.
 */
export function permalink(
  source: { url: string; revision: string },
  document: LinkedDocument,
  text: string,
  span: Span,
): string {
  if (document.url !== undefined) return pageLink(document.url, text.slice(span.start, span.end));
  const repository = parseRepository(source.url);
  const commit = /sha1:([0-9a-f]{40})$/.exec(source.revision)?.[1];
  if (repository === undefined || commit === undefined) return '';
  const path = document.path.split('/').map(encodeURIComponent).join('/');
  const lines = isConverted(document) ? undefined : lineRange(text, span);
  return fileLink[repository.kind](repository, commit, path, lines, isRendered(document));
}

interface Lines {
  first: number;
  last: number;
}

type FileLink = (
  repository: Repository,
  commit: string,
  path: string,
  lines: Lines | undefined,
  isRendered: boolean,
) => string;

const fileLink: Record<Repository['kind'], FileLink> = {
  github: ({ address }, commit, path, lines, rendered) =>
    `${address}/blob/${commit}/${path}${rendered && lines ? '?plain=1' : ''}${lines ? `#L${lines.first}-L${lines.last}` : ''}`,
  gitlab: ({ address }, commit, path, lines, rendered) =>
    `${address}/-/blob/${commit}/${path}${rendered && lines ? '?plain=1' : ''}${lines ? `#L${lines.first}-${lines.last}` : ''}`,
  gitea: ({ address }, commit, path, lines, rendered) =>
    `${address}/src/commit/${commit}/${path}${rendered && lines ? '?display=source' : ''}${lines ? `#L${lines.first}-L${lines.last}` : ''}`,
  bitbucket: ({ address }, commit, path, lines) =>
    `${address}/src/${commit}/${path}${lines ? `#lines-${lines.first}:${lines.last}` : ''}`,
};

/** A host shows these as pages, in which line numbers lead nowhere. */
const isRendered = ({ format }: LinkedDocument): boolean => ['markdown', 'rst', 'asciidoc'].includes(format);

const isConverted = ({ isConverted: known, format }: LinkedDocument): boolean =>
  known ?? ['notebook', 'pdf', 'docx'].includes(format);

function lineRange(text: string, { start, end }: Span): Lines {
  const before = countLines(text, 0, start);
  const last = before + countLines(text, start, Math.max(start, end - 1));
  return { first: before + 1, last: last + 1 };
}

function countLines(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', start); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

/** words that name a passage well enough, and that a browser still finds where markup stands between later ones */
const wordsOfFragment = 6;

/** A text fragment lets browsers scroll to the passage and mark it. */
function pageLink(url: string, passage: string): string {
  const address = url.replace(/#.*$/s, '');
  const line = passage
    .replace(/<[^>]*>/g, '\n')
    .split('\n')
    .map((part) => part.trim())
    .find((part) => /[\p{L}\p{N}]/u.test(part) && !/[&`*_[\]|#]/.test(part));
  if (line === undefined) return address;
  const words = line.split(/\s+/).slice(0, wordsOfFragment).join(' ').slice(0, 80);
  // "-" separates the parts of a fragment
  return `${address}#:~:text=${encodeURIComponent(words.isWellFormed() ? words : words.slice(0, -1)).replaceAll('-', '%2D')}`;
}
