import { z } from 'zod';

/**
 * The documents artifact, published by fetch-documents:
 *   documents.jsonl   one DocumentRecord a line, sorted by path
 *   skipped.jsonl     one SkippedDocument a line, sorted by path
 *   files/<file>      the text of each document in UTF-8: cleaned, and without secrets and personal data
 * It holds nothing but content: no commit and no time, so a commit that changes no document keeps the digest.
 */
export const documentFormats = [
  'markdown',
  'rst',
  'asciidoc',
  'html',
  'text',
  'code',
  'notebook',
  'pdf',
  'docx',
] as const;
export type DocumentFormat = (typeof documentFormats)[number];

export const documentSchema = z.strictObject({
  /** path within the source, `/` as separator */
  path: z.string().min(1).max(1024),
  /** path below `files/` where it differs from `path`: documents that were converted to Markdown */
  file: z.string().min(1).max(1040).optional(),
  /** of the document as it was found; notebook, pdf and docx lie there as Markdown */
  format: z.enum(documentFormats),
  /** of the text at `files/` */
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** of the document as it was found, where the text is another */
  original: z.strictObject({ bytes: z.int().min(0), sha256: z.string() }).optional(),
  /** address of a web page */
  url: z.string().max(4096).optional(),
  /** SPDX identifier or expression, as its own line or the LICENSE file above it tells */
  licence: z.string().max(256).optional(),
  /** pieces taken out, by kind, such as {"aws-access-key": 1} */
  redactions: z.record(z.string(), z.int().min(1)).optional(),
  /** characters changed, by kind, such as {"zero-width": 3} */
  cleaning: z.record(z.string(), z.int().min(1)).optional(),
});
export type DocumentRecord = z.infer<typeof documentSchema>;

export const skipReasons = [
  'TooLarge',
  'Binary',
  'BadEncoding',
  'Symlink',
  'LfsPointer',
  'Submodule',
  'Empty',
  'UnknownFormat',
  'BadPath',
  // converting and reading
  'BadDocument',
  'Encrypted',
  'NoText',
  'ConvertTimeout',
  'ConvertOutOfMemory',
  'Bomb',
  // screening
  'Secret',
  'LicenceDenied',
  // web and buckets
  'RobotsDisallowed',
  'ForbiddenAddress',
  'TooManyRedirects',
  'NotFound',
  'Refused',
  'HttpError',
  'Unreachable',
  'Timeout',
  'TlsFailed',
  'OtherHost',
  'PageLimit',
  'Duplicate',
] as const;
export const skippedSchema = z.strictObject({
  path: z.string().max(1024),
  reason: z.enum(skipReasons),
  detail: z.string().max(512).optional(),
});
export type SkippedDocument = z.infer<typeof skippedSchema>;

/** The end of a message about pages that failed for a reason that may pass; empty where all answered. */
export const tellUnanswered = ({ kept, missing }: { kept: number; missing: number }): string =>
  kept + missing === 0
    ? ''
    : `; ${kept + missing} pages did not answer: ${kept} are as they were before, ${missing} are missing`;
