/** Grammars by what they are called in names of files and after the backticks of a fence. */
const names: Record<string, readonly string[]> = {
  typescript: ['ts', 'mts', 'cts', 'typescript'],
  tsx: ['tsx'],
  javascript: ['js', 'mjs', 'cjs', 'jsx', 'javascript', 'node'],
  python: ['py', 'pyi', 'python', 'python3'],
  go: ['go', 'golang'],
  rust: ['rs', 'rust'],
  java: ['java'],
  // the grammar of C++ reads C
  cpp: ['c', 'h', 'cc', 'cpp', 'cxx', 'hh', 'hpp', 'c++'],
  'c-sharp': ['cs', 'csharp', 'c#'],
  ruby: ['rb', 'ruby'],
  php: ['php'],
  bash: ['sh', 'bash', 'shell', 'zsh'],
};

export type Grammar = string;

const grammars = new Map<string, Grammar>(
  Object.entries(names).flatMap(([grammar, list]) => list.map((name) => [name, grammar] as const)),
);

/** `name`: the extension of a file, or what a fence says, such as `ts title="a"`. */
export function grammarOf(name: string): Grammar | undefined {
  return grammars.get(name.toLowerCase().split(/[\s{,:]/)[0] ?? '');
}
