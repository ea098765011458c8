import type { Fault } from '../conversation.ts';

/** `place` is `line 3` or `item 3`, counted from 1. */
export type Piece = { place: string; bytes: Buffer } | { place: string; fault: Fault };
export type FileRecord = { place: string; value: unknown } | { place: string; fault: Fault };

/** What no file and no row of others may exceed, in bytes. */
export interface ImportLimits {
  /** of one row */
  rowBytes: number;
  /** of one file after unpacking */
  fileBytes: number;
  /** unpacked size by packed size, once `bombBytes` are unpacked */
  packedRatio: number;
  bombBytes: number;
}

export const importLimits: ImportLimits = {
  rowBytes: 4 * 2 ** 20,
  fileBytes: 4 * 2 ** 30,
  packedRatio: 200,
  bombBytes: 64 * 2 ** 20,
};

/** The rest of a file cannot be read. What was read before stays. */
export class FileFault extends Error {
  readonly reason: string;

  constructor(reason: string, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = 'FileFault';
    this.reason = reason;
  }
}
