import { createHash } from 'node:crypto';
import type { DocumentFormat, DocumentRecord, SkippedDocument } from '../../contract/documents.ts';
import type { FetchInput } from '../../contract/inputs.ts';
import type { DocumentPool } from '../documents/bounded/pool.ts';
import { cleanText, type Cleaned } from '../documents/clean/clean.ts';
import { decode } from '../documents/clean/decode.ts';
import { convertedFormats, type ConvertedFormat } from '../documents/convert/index.ts';
import { declaredLicence } from '../documents/licence/declared.ts';
import { isPermitted } from '../documents/licence/expression.ts';
import { screenText } from '../documents/screen/screen.ts';
import { formatOf } from './classify.ts';
import { isSafePath } from './path.ts';

/** A document as it goes into the artifact. */
export interface Prepared {
  record: Omit<DocumentRecord, 'bytes' | 'sha256' | 'file'>;
  text: string;
  /** pieces taken out */
  redactions: { secrets: number; personalData: number };
}
export type Refused = { skip: SkippedDocument['reason']; detail?: string };

export interface Preparation {
  policy: Pick<FetchInput, 'screening' | 'cleaning' | 'limits'>;
  pool: Pick<DocumentPool, 'convert'>;
  /** the licence that the files around a path tell */
  licenceOf: (path: string) => string | undefined;
}
interface Found {
  path: string;
  content: Buffer;
  url?: string;
}

const lfsPointer = Buffer.from('version https://git-lfs.github.com/spec/v1');

/** Turn the bytes of a file into the one text that may leave the cluster, or tell why it is no document. */
export async function prepareDocument(found: Found, preparation: Preparation): Promise<Prepared | Refused> {
  const { path, content, url } = found;
  const format = formatOf(path);
  const refusal = refuse(path, content, format, preparation.policy.limits.maxDocumentBytes);
  if (refusal !== undefined || format === undefined) return refusal ?? { skip: 'UnknownFormat' };
  const read = await readText(found, format, preparation);
  if ('skip' in read) return read;
  const licence = declaredLicence(read.text, format) ?? preparation.licenceOf(path);
  if (!isPermitted(licence, preparation.policy.screening.licences)) return licenceDenied(licence);
  const screened = await screenText(read.text, preparation.policy.screening);
  const secrets = total(screened.secrets);
  if (secrets > 0 && preparation.policy.screening.secrets === 'Skip') {
    return { skip: 'Secret', detail: `holds ${Object.keys(screened.secrets).join(', ')}` };
  }
  const address = url === undefined ? undefined : (await screenText(url, preparation.policy.screening)).text;
  return {
    text: screened.text,
    redactions: { secrets, personalData: total(screened.personalData) },
    record: {
      path,
      format,
      ...originalOf(content, screened.text),
      ...(address === undefined ? {} : { url: address }),
      ...(licence === undefined ? {} : { licence }),
      ...ifAny('redactions', { ...screened.secrets, ...screened.personalData }),
      ...ifAny('cleaning', read.cleaning),
    },
  };
}

function refuse(path: string, content: Buffer, format: DocumentFormat | undefined, max: number): Refused | undefined {
  if (!isSafePath(path)) return { skip: 'BadPath' };
  if (format === undefined) return { skip: 'UnknownFormat' };
  if (content.length > max) return { skip: 'TooLarge' };
  if (content.subarray(0, lfsPointer.length).equals(lfsPointer)) return { skip: 'LfsPointer' };
  return undefined;
}

const isConverted = (format: DocumentFormat): format is ConvertedFormat =>
  convertedFormats.some((converted) => converted === format);

async function readText(found: Found, format: DocumentFormat, preparation: Preparation): Promise<Cleaned | Refused> {
  const { pool, policy } = preparation;
  let text: string;
  if (isConverted(format)) {
    const converted = await pool.convert({ path: found.path, format, content: found.content });
    if ('failure' in converted) return { skip: converted.failure.reason, detail: converted.failure.detail };
    text = converted.text;
  } else {
    const decoded = decode(found.content);
    if ('skip' in decoded) return decoded;
    text = decoded.text;
  }
  const cleaned = policy.cleaning === 'Off' ? { text, cleaning: {} } : cleanText(text, format);
  return cleaned.text.trim() === '' ? { skip: 'Empty' } : cleaned;
}

const licenceDenied = (licence: string | undefined): Refused => ({
  skip: 'LicenceDenied',
  detail: `licence ${licence ?? 'NONE'} is not permitted by spec.screening.licences`,
});

const total = (counts: Record<string, number>): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

const ifAny = <K extends string>(key: K, counts: Record<string, number>): Partial<Record<K, Record<string, number>>> =>
  Object.keys(counts).length === 0 ? {} : ({ [key]: counts } as Record<K, Record<string, number>>);

function originalOf(content: Buffer, text: string): Pick<DocumentRecord, 'original'> {
  if (content.equals(Buffer.from(text, 'utf8'))) return {};
  return { original: { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') } };
}
