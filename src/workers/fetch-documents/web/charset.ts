import sniffEncoding from 'html-encoding-sniffer';
import { mimeOf } from './content-type.ts';

/** text formats; what is a container of its own names its encoding itself */
const containers = new Set(['.pdf', '.docx', '.ipynb']);
/** stands for "not declared", since no page declares it */
const undeclared = 'x-user-defined';
/** any bytes are text in these, so a wrong declaration would not be noticed */
const singleByte = /^(windows-|ISO-8859|KOI8|macintosh|IBM866|x-mac)/;

/**
 * A page in UTF-8 by the encoding that its header, its byte order mark or its first bytes declare, as browsers find it. What
 * declares nothing, or something else than what it is, stays as it is.
 */
export function toUtf8(content: Buffer, type: string, extension: string): Buffer {
  if (containers.has(extension)) return content;
  const label = mimeOf(type)?.parameters.get('charset');
  const isPage = extension === '.html';
  if (!isPage && label === undefined) return content;
  const encoding = sniffEncoding(content, {
    defaultEncoding: undeclared,
    ...(label === undefined ? {} : { transportLayerEncodingLabel: label }),
    ...(isPage ? {} : { maxPrescanBytes: 0 }),
  });
  if (encoding === undeclared || encoding === 'UTF-8') return content;
  if (singleByte.test(encoding) && decode(content, 'UTF-8') !== undefined) return content;
  const text = decode(content, encoding);
  return text === undefined ? content : Buffer.from(text);
}

function decode(content: Buffer, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}
