import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { troubles, type Trouble } from '../trouble.ts';
import type { Reply } from '../question.ts';

const tokens = z.object({ input: z.number(), cachedInput: z.number(), output: z.number() });

/** What is read of a line to find it again and to count it. */
const headSchema = z.object({
  /** of an answer the key of its question, of anything else a random id: a line that is copied counts once */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  /** the run that paid */
  run: z.string(),
  /** `answer` serves every run, `poor` only its own: cut, refused or no JSON; `spent` was paid for nothing; `retries` counts; `forget` ends the poor ones before it */
  kind: z.enum(['answer', 'poor', 'spent', 'retries', 'forget']),
  usage: tokens.optional(),
  /** money that `usage` cost where it was used; endpoints of a run differ */
  cost: z.number().optional(),
  retries: z.partialRecord(z.enum(troubles), z.number()).optional(),
});
export type Head = Omit<z.infer<typeof headSchema>, 'retries'> & { retries?: Partial<Record<Trouble, number>> };

const bodySchema = z.object({
  content: z.string(),
  reasoning: z.string().optional(),
  finishReason: z.enum(['stop', 'length', 'content_filter']),
});
export type Body = Omit<Reply, 'usage'>;

/** hex digits at the start of a line */
export const checksumLength = 8;
const newline = 10;
const tab = 9;

/** One line: checksum, head and body, parted by tabs, which JSON itself never holds. `cut -f2,3` shows it. */
export function renderRecord(head: Head, body?: Body): Buffer {
  const text = Buffer.from(`${JSON.stringify(head)}\t${body === undefined ? '' : JSON.stringify(body)}`);
  return Buffer.concat([Buffer.from(`${checksum(text)}\t`), text, Buffer.from([newline])]);
}

/** Read the head of a line without its end; undefined when the line is damaged, as the last one of a killed writer may be. */
export function readHead(line: Buffer): Head | undefined {
  const parts = split(line);
  return parts === undefined ? undefined : (parse(headSchema, parts.head) as Head | undefined);
}

export function readRecord(line: Buffer): { head: Head; body: Body } | undefined {
  const parts = split(line);
  if (parts === undefined) return undefined;
  const [head, body] = [parse(headSchema, parts.head), parse(bodySchema, parts.body)];
  return head === undefined || body === undefined ? undefined : { head: head as Head, body: body as Body };
}

const checksum = (text: Buffer): string => crc32(text).toString(16).padStart(checksumLength, '0');

function split(line: Buffer): { head: Buffer; body: Buffer } | undefined {
  const text = line.subarray(checksumLength + 1);
  const end = text.indexOf(tab);
  if (line[checksumLength] !== tab || end === -1 || line.toString('latin1', 0, checksumLength) !== checksum(text))
    return undefined;
  return { head: text.subarray(0, end), body: text.subarray(end + 1) };
}

function parse<T>(schema: z.ZodType<T>, text: Buffer): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text.toString())).data;
  } catch {
    return undefined;
  }
}
