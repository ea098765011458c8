import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import type { DocumentFormat } from '../../../contract/documents.ts';
import type { Section } from '../../generate-dataset/parse/block.ts';
import { unpackSections } from '../../generate-dataset/parse/packed.ts';
import type { ConvertedFormat } from '../convert/index.ts';
import type { DocumentFailure } from '../convert/failure.ts';
import type { Answer, Request } from './messages.ts';
import { startReader, type Reader, type ReaderLimits } from './reader.ts';

export type { DocumentFailure } from '../convert/failure.ts';
export type { ConvertedFormat } from '../convert/index.ts';

interface ConvertRequest {
  path: string;
  format: ConvertedFormat;
  /** the document, or the file that holds it */
  content: Uint8Array | { file: string };
}
interface ParseRequest {
  path: string;
  format: DocumentFormat;
  text: string;
}

/** Reads documents in child processes, so that one that hangs or eats memory harms none but itself. */
export interface DocumentPool {
  /** A document as Markdown. A bad document is an answer; what is thrown is a fault of the machine. */
  convert(request: ConvertRequest): Promise<{ text: string } | { failure: DocumentFailure }>;
  parse(request: ParseRequest): Promise<{ sections: Section[] } | { failure: DocumentFailure }>;
  /** End the child processes; what they were reading fails. */
  close(): Promise<void>;
}

/** `processes`: by default one a core, at most two. They start with the first documents. */
export function openDocumentPool({
  processes = Math.min(2, availableParallelism()),
  ...limits
}: { processes?: number } & ReaderLimits): DocumentPool {
  const limit = pLimit(processes);
  const readers = new Set<Reader>();
  const idle: Reader[] = [];

  const ask = (makeRequest: () => Promise<Request>): Promise<Answer> =>
    limit(async () => {
      const request = await makeRequest();
      const reader = idle.find((each) => each.isFit()) ?? startReader(limits);
      if (idle.includes(reader)) idle.splice(idle.indexOf(reader), 1);
      readers.add(reader);
      try {
        return await reader.ask(request);
      } finally {
        if (reader.isFit()) idle.push(reader);
        else await retire(reader);
      }
    });
  const retire = async (reader: Reader): Promise<void> => {
    readers.delete(reader);
    await reader.stop();
  };

  return {
    async convert({ path, format, content }) {
      const read = async (): Promise<Uint8Array> =>
        'file' in content ? new Uint8Array(await readFile(content.file)) : content;
      const answer = await ask(async () => ({ kind: 'convert', path, format, content: await read() }));
      return 'sections' in answer ? unexpected() : answer;
    },
    async parse({ path, format, text }) {
      const answer = await ask(() => Promise.resolve({ kind: 'parse', path, format, text }));
      if ('text' in answer) return unexpected();
      return 'sections' in answer ? { sections: unpackSections(answer.sections) } : answer;
    },
    async close() {
      limit.clearQueue();
      await Promise.all([...readers].map(retire));
      idle.length = 0;
    },
  };
}

function unexpected(): never {
  throw new Error('a child process answered another question');
}
