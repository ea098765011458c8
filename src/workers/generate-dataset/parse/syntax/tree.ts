import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import treeSitter from '@vscode/tree-sitter-wasm';
import type { Language, Node } from '@vscode/tree-sitter-wasm';
import { assetFolder } from '../../../documents/assets.ts';
import type { Grammar } from './languages.ts';

export type { Node } from '@vscode/tree-sitter-wasm';

const folder = (): string => `${assetFolder('@vscode/tree-sitter-wasm')}wasm/`;
const languages = new Map<Grammar, Promise<Language>>();
let started: Promise<void> | undefined;

/** Let `read` look at the syntax tree of a text, whose places are in UTF-16 code units. A text that breaks the grammar has a tree too. */
export async function withTree<T>(grammar: Grammar, text: string, read: (root: Node) => T): Promise<T> {
  const language = await load(grammar);
  const parser = new treeSitter.Parser();
  parser.setLanguage(language);
  const tree = parser.parse(text);
  try {
    if (tree === null) throw new Error(`the grammar "${grammar}" gave no tree`);
    return read(tree.rootNode);
  } finally {
    // neither is seen by the garbage collector
    tree?.delete();
    parser.delete();
  }
}

/**
 * Optimising the huge functions of a grammar takes half a gigabyte for a moment, and pays off after minutes of parsing.
 * Flags that are set while the engine runs do not imply one another: each has to be named.
 */
const wasmFlags = ['--liftoff-only', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering'];

async function load(grammar: Grammar): Promise<Language> {
  started ??= start();
  await started;
  const loaded = languages.get(grammar) ?? loadLanguage(grammar);
  languages.set(grammar, loaded);
  return loaded;
}

function start(): Promise<void> {
  for (const flag of wasmFlags) setFlagsFromString(flag);
  return treeSitter.Parser.init({ locateFile: (file) => folder() + file });
}

async function loadLanguage(grammar: Grammar): Promise<Language> {
  return treeSitter.Language.load(await readFile(`${folder()}tree-sitter-${grammar}.wasm`));
}

export const childrenOf = (node: Node): Node[] => node.namedChildren.filter((child) => child !== null);
