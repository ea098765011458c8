import { z } from 'zod';

/**
 * The documents artifact, published by fetch-documents:
 *   documents.jsonl   one DocumentRecord a line, sorted by path
 *   skipped.jsonl     one SkippedDocument a line, sorted by path
 *   files/<path>      the documents as they are, converted to UTF-8
 * It holds nothing but content: no commit and no time, so a commit that changes no document keeps the digest.
 */
export const documentFormats = ['markdown', 'rst', 'html', 'text', 'code'] as const;
export type DocumentFormat = (typeof documentFormats)[number];

export const documentSchema = z.strictObject({
  /** path within the source, `/` as separator; the file lies at `files/<path>` */
  path: z.string().min(1).max(1024),
  format: z.enum(documentFormats),
  bytes: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type DocumentRecord = z.infer<typeof documentSchema>;

export const skipReasons = [
  'TooLarge',
  'Binary',
  'BadEncoding',
  'Symlink',
  'LfsPointer',
  'Empty',
  'UnknownFormat',
  'BadPath',
] as const;
export const skippedSchema = z.strictObject({ path: z.string().max(1024), reason: z.enum(skipReasons) });
export type SkippedDocument = z.infer<typeof skippedSchema>;
