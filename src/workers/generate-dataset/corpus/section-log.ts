import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { Section } from '../parse/block.ts';
import { packSections, unpackSections, type PackedSection } from '../parse/packed.ts';

const [compress, decompress] = [promisify(zstdCompress), promisify(zstdDecompress)];

/** The sections of parsed documents on disk: in memory they take many times the room of the text. */
export interface SectionLog {
  /** Keep the sections of the next document: 0, 1, 2, … */
  add(sections: readonly Section[]): Promise<void>;
  read(document: number): Promise<Section[]>;
  close(): Promise<void>;
}

export async function openSectionLog(path: string): Promise<SectionLog> {
  const handle = await open(path, 'wx+');
  const ends: number[] = [];
  return {
    async add(sections) {
      const bytes = await compress(JSON.stringify(packSections(sections)));
      const start = ends.at(-1) ?? 0;
      await handle.write(bytes, 0, bytes.length, start);
      ends.push(start + bytes.length);
    },
    async read(document) {
      const start = ends[document - 1] ?? 0;
      const bytes = Buffer.alloc((ends[document] ?? start) - start);
      await handle.read(bytes, 0, bytes.length, start);
      return unpackSections(JSON.parse((await decompress(bytes)).toString()) as PackedSection[]);
    },
    close: () => handle.close(),
  };
}
