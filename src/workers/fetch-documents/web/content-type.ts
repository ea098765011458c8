import { extname } from 'node:path/posix';
import { MIMEType } from 'whatwg-mimetype';
import { formatOf } from '../classify.ts';

const extensions: Readonly<Record<string, string>> = {
  'text/html': '.html',
  'application/xhtml+xml': '.html',
  'text/markdown': '.md',
  'text/x-markdown': '.md',
  'text/x-rst': '.rst',
  'text/prs.fallenstein.rst': '.rst',
  'text/asciidoc': '.adoc',
  'text/x-asciidoc': '.adoc',
  'text/plain': '.txt',
  'application/pdf': '.pdf',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': '.docx',
  'application/x-ipynb+json': '.ipynb',
};
/** types that say less than the ending of the address */
const vague = new Set(['', 'text/plain', 'application/octet-stream', 'binary/octet-stream', 'application/json']);
/** parts of a page, and files that nobody reads, though some are text */
const noDocuments = new Set(
  (
    '.css .scss .js .mjs .cjs .map .json .xml .rss .atom .png .jpg .jpeg .gif .svg .webp .avif .ico .bmp .tif .tiff .mp3 ' +
    '.mp4 .webm .ogg .wav .mov .avi .woff .woff2 .ttf .otf .eot .zip .gz .tgz .bz2 .xz .zst .7z .rar .tar .jar .whl ' +
    '.exe .msi .dmg .deb .rpm .iso .bin .wasm .so .dll .xls .xlsx .ppt .pptx .doc .odt .epub'
  ).split(' '),
);

export const mimeOf = (header: string): MIMEType | null => MIMEType.parse(header);

/** Whether the address itself tells that there is no document, so that it need not be asked for. */
export const isNoDocument = (url: URL): boolean => noDocuments.has(endingOf(url));

/** The ending that tells the format of a page to those who go by names; undefined for what is no document. */
export function extensionOf(type: string, url: URL): string | undefined {
  const essence = mimeOf(type)?.essence ?? '';
  const ending = endingOf(url);
  if (vague.has(essence)) {
    if (formatOf(`x${ending}`) !== undefined && !noDocuments.has(ending)) return ending;
    // what is named like nothing may be a page of a careless server
    if (essence === '') return ending === '' ? '.html' : undefined;
  }
  return extensions[essence];
}

const endingOf = ({ pathname }: URL): string => extname(pathname).toLowerCase();

export const isHtml = (extension: string): boolean => extension === '.html';
