import { getDocument, PasswordException, VerbosityLevel, type PDFDocumentProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
// found by the reader as a global: it reads in this process, which is a bounded one already
import 'pdfjs-dist/legacy/build/pdf.worker.mjs';
import type { TextItem } from 'pdfjs-dist/types/src/display/api.js';
import { assetFolder } from '../../assets.ts';
import { UnreadableDocument } from '../failure.ts';

/** A line as it is printed. Lengths in points, `y` from the foot of the page. */
export interface Line {
  text: string;
  x: number;
  y: number;
  /** height of its letters: of most of its characters */
  size: number;
  /** set in a font for code: those of Chinese are of one width too */
  isMonospaced: boolean;
}
export interface Page {
  height: number;
  lines: Line[];
}

const maxPages = 5000;

export async function readPages(content: Uint8Array): Promise<Page[]> {
  const document = await open(content);
  const pages: Page[] = [];
  for (let number = 1; number <= Math.min(document.numPages, maxPages); number += 1) {
    const page = await document.getPage(number);
    const { items, styles } = await page.getTextContent();
    const texts = items.filter((item): item is TextItem => 'str' in item);
    const isMonospaced = (item: TextItem): boolean => styles[item.fontName]?.fontFamily === 'monospace';
    pages.push({ height: page.getViewport({ scale: 1 }).height, lines: toLines(texts, isMonospaced) });
    page.cleanup();
  }
  await document.cleanup();
  return pages;
}

async function open(content: Uint8Array): Promise<PDFDocumentProxy> {
  const folder = assetFolder('pdfjs-dist');
  const task = getDocument({
    // a copy, as the reader takes the buffer away
    data: new Uint8Array(content),
    verbosity: VerbosityLevel.ERRORS,
    useSystemFonts: false,
    disableFontFace: true,
    cMapUrl: `${folder}cmaps/`,
    cMapPacked: true,
    standardFontDataUrl: `${folder}standard_fonts/`,
  });
  try {
    return await task.promise;
  } catch (error) {
    if (error instanceof PasswordException) throw new UnreadableDocument('Encrypted', 'the document has a password');
    throw error;
  }
}

/** Items that follow one another on one base line are a line. */
function toLines(items: readonly TextItem[], isMonospaced: (item: TextItem) => boolean): Line[] {
  const lines: TextItem[][] = [];
  let isOpen = false;
  for (const item of items) {
    const line = lines.at(-1);
    if (isOpen && line !== undefined && isOnLine(line, item)) line.push(item);
    else if (item.str.trim() !== '') lines.push([item]);
    isOpen = (isOpen || item.str.trim() !== '') && !item.hasEOL;
  }
  return lines.map((line) => toLine(line, isMonospaced));
}

const sizeOf = (item: TextItem): number => Math.hypot(Number(item.transform[2]), Number(item.transform[3]));
const xOf = (item: TextItem): number => Number(item.transform[4]);
const yOf = (item: TextItem): number => Number(item.transform[5]);

function isOnLine(line: readonly TextItem[], item: TextItem): boolean {
  const [first] = line;
  return first !== undefined && Math.abs(yOf(first) - yOf(item)) < Math.max(sizeOf(first), sizeOf(item)) * 0.6;
}

const wide = /[\u3000-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]/g;

function toLine(items: readonly TextItem[], isMonospaced: (item: TextItem) => boolean): Line {
  let text = '';
  let end = 0;
  const weights = new Map<number, number>();
  let monospaced = 0;
  for (const item of items) {
    const isApart = text !== '' && xOf(item) - end > sizeOf(item) * 0.2;
    if (isApart && !/\s$/.test(text) && !/^\s/.test(item.str)) text += ' ';
    text += item.str;
    end = xOf(item) + item.width;
    const size = Math.round(sizeOf(item) * 2) / 2;
    weights.set(size, (weights.get(size) ?? 0) + item.str.trim().length);
    if (isMonospaced(item)) monospaced += item.str.trim().length;
  }
  const [size = 0] = [...weights].sort((a, b) => b[1] - a[1])[0] ?? [];
  const [first] = items;
  const length = text.replace(/\s/g, '').length;
  return {
    text: text.trimEnd(),
    x: first === undefined ? 0 : xOf(first),
    y: first === undefined ? 0 : yOf(first),
    size,
    isMonospaced: monospaced > length / 2 && (text.match(wide)?.length ?? 0) < length * 0.3,
  };
}
