const bytes = Uint8Array.from({ length: 128 }, (_, index) => index + 128);
/** what a reader that takes UTF-8 for windows-1252 shows for each byte from 0x80 */
const byteOf = new Map(
  Array.from(new TextDecoder('windows-1252').decode(bytes), (character, index) => [character, index + 128]),
);
/** one byte more or less by accident is no proof; this many whole sequences are */
const leastSequences = 3;

export interface Mended {
  text: string;
  /** characters that were put right */
  count: number;
}

/**
 * Undo UTF-8 that was read as windows-1252 ("Ã©" for "é"). It is done only where it is certain: every character beyond
 * ASCII must belong to such a sequence, so a text that merely shows one beside proper characters stays as it is.
 */
export function mendMojibake(text: string): Mended {
  const untouched = { text, count: 0 };
  if (!/[\u00c2-\u00f4]/.test(text)) return untouched;
  let count = 0;
  const parts: string[] = [];
  let at = 0;

  for (const { 0: run, index } of text.matchAll(/[^\0-\x7f]+/g)) {
    const decoded = decodeRun(run);
    if (decoded === undefined) return untouched;
    count += Array.from(decoded).length;
    parts.push(text.slice(at, index), decoded);
    at = index + run.length;
  }
  return count < leastSequences ? untouched : { text: parts.join('') + text.slice(at), count };
}

function decodeRun(run: string): string | undefined {
  const encoded: number[] = [];
  for (const character of run) {
    const byte = byteOf.get(character);
    if (byte === undefined) return undefined;
    encoded.push(byte);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(encoded));
  } catch {
    return undefined;
  }
}
