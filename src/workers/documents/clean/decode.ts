import chardet from 'chardet';
import type { SkippedDocument } from '../../../contract/documents.ts';

export type Decoded =
  | { text: string; /** as the WHATWG names it */ encoding: string }
  | { skip: SkippedDocument['reason']; detail?: string };

/** as git does: a zero byte near the start means binary */
const sniffedBytes = 8000;

/** The text of a file without its byte order mark, or why it is no document. Reads other encodings only when certain. */
export function decode(content: Buffer): Decoded {
  const marked = byteOrderMark(content);
  if (marked === undefined && content.subarray(0, sniffedBytes).includes(0)) return { skip: 'Binary' };
  const expected = marked ?? 'utf-8';
  const text = tryDecode(content, expected);
  if (text !== undefined) return { text, encoding: expected };
  // a mark that lies is a damaged file, not another encoding
  const others = marked === undefined ? [declared, guessed] : [];
  for (const find of others) {
    const encoding = find(content);
    const found = encoding === undefined ? undefined : tryDecode(content, encoding);
    if (found !== undefined && encoding !== undefined) return { text: found, encoding };
  }
  return { skip: 'BadEncoding', detail: 'neither UTF-8 nor another encoding for certain: save it as UTF-8' };
}

function byteOrderMark(content: Buffer): string | undefined {
  if (content[0] === 0xff && content[1] === 0xfe) return 'utf-16le';
  if (content[0] === 0xfe && content[1] === 0xff) return 'utf-16be';
  return undefined;
}

/** What HTML, XML, Python and editors write near the top of a file. */
function declared(content: Buffer): string | undefined {
  const head = content.subarray(0, 1024).toString('latin1');
  const patterns = [
    /<meta[^>]+charset\s*=\s*["']?([\w:.-]+)/i,
    /<\?xml[^>]+encoding\s*=\s*["']([\w:.-]+)/i,
    /^(?:.*\n)?.{0,80}coding[:=]\s*([\w.-]+)/,
  ];
  const label = patterns.map((pattern) => pattern.exec(head)?.[1]).find((found) => found !== undefined);
  return label === undefined ? undefined : knownEncoding(label);
}

function knownEncoding(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/** below this many bytes a guess is no more than that */
const leastBytes = 48;
const guessedBytes = 256 * 1024;
/** of 100: how sure the best guess must be, and how far ahead of the next */
const leastConfidence = 50;
const leastLead = 25;

function guessed(content: Buffer): string | undefined {
  if (content.length < leastBytes) return undefined;
  const first = content.findIndex((byte) => byte >= 0x80);
  const [best, next] = chardet.analyse(content.subarray(Math.max(0, first - leastBytes), first + guessedBytes));
  if (best === undefined || best.confidence < leastConfidence) return undefined;
  if (best.confidence - (next?.confidence ?? 0) < leastLead) return undefined;
  return knownEncoding(best.name);
}

/** undefined when a byte has no meaning in the encoding, or one that no text has */
function tryDecode(content: Buffer, encoding: string): string | undefined {
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(content);
    // C1 controls are what old encodings give for bytes that they do not define
    return encoding !== 'utf-8' && /[\u0080-\u009f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
