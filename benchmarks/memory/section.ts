/** chunks of a document */
export const chunksEach = 20;
const [verbs, nouns, parts] = [
  ['opens', 'closes', 'reads', 'writes', 'locks', 'moves', 'copies', 'checks', 'counts', 'sorts', 'merges', 'splits'],
  ['table', 'queue', 'stream', 'socket', 'cache', 'index', 'worker', 'record', 'bucket', 'ticket', 'folder', 'cursor'],
  [
    'header',
    'limit',
    'owner',
    'window',
    'offset',
    'margin',
    'handle',
    'bridge',
    'filter',
    'anchor',
    'branch',
    'module',
  ],
];
const word = (list: readonly string[] | undefined, seed: number): string => list?.[seed % list.length] ?? '';

/** A section that differs from all others in its words, as the sections of a manual do; one chunk each. */
export function section(document: number, index: number): string {
  const seed = document * chunksEach + index;
  const [verb, noun, part] = [
    word(verbs, seed),
    word(nouns, Math.floor(seed / 12)),
    word(parts, Math.floor(seed / 144)),
  ];
  const name = `${noun}${part[0]?.toUpperCase() ?? ''}${part.slice(1)}${seed}`;
  const sentences = Array.from({ length: 6 }, (_, line) => {
    const other = word(nouns, seed * 7 + line * 5);
    return `The ${other} of \`${name}\` ${word(verbs, seed + line)} ${word(parts, seed * 3 + line)} ${(seed * 31 + line * 17) % 9973} of the ${word(nouns, seed + line * 3)}.`;
  });
  return `## ${name}(${part})\n\n\`${name}\` ${verb} the ${noun} at ${part} ${seed} and returns what it held. ${sentences.join(' ')}\n`;
}
