const word = /[\p{L}_$][\p{L}\p{N}_$]*/gu;

/** The words of all documents. Kept as numbers: slices of a text would keep the whole text in memory. */
export interface Symbols {
  add(text: string): void;
  has(name: string): boolean;
}

export function createSymbols(): Symbols {
  const known = new Set<number>();
  return {
    add(text) {
      for (const [name] of text.matchAll(word)) known.add(hashWord(name));
    },
    has: (name) => known.has(hashWord(name)),
  };
}

/** 53 bits, as many as a number holds: two of a million words are taken for one another once in twenty thousand corpora. */
function hashWord(name: string): number {
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (let index = 0; index < name.length; index += 1) {
    const code = name.charCodeAt(index);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b) ^ (b >>> 13);
  }
  return ((a ^ (a >>> 15)) >>> 0) * 2 ** 21 + ((b ^ (b >>> 16)) >>> 11);
}
