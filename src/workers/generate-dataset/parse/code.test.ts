import { describe, expect, test } from 'vitest';
import type { Block } from './block.ts';
import { parseCode } from './code.ts';
import { parseDocument } from './index.ts';
import { spanOf } from './prose.ts';

/** Each declaration as "name: comment", with the lines of its code. */
async function declarations(path: string, text: string): Promise<string[]> {
  const blocks = await parseCode(path, text);
  return blocks.flatMap((block, index) => {
    if (block.kind !== 'heading') return [];
    const [next, last] = blocks.slice(index + 1);
    const comment = next?.kind === 'paragraph' ? next.prose.text : '';
    const code = next?.kind === 'code' ? next : last?.kind === 'code' ? last : undefined;
    return [`${block.prose.text.slice(1, -1)}: ${comment} (${code?.code.split('\n').length ?? 0})`];
  });
}

const sources: [string, string, string[]][] = [
  [
    'a.ts',
    `// a note of no interest
import x from 'x';

/**
 * Adds two
 * numbers.
 * @param a first
 */
export async function add(a: number): Promise<number> {
  return a;
}

/** Options. */
export interface Options<T> {
  a: T;
}
export type Name = string;
/** How many. */
export const count = 1;
export default class Server extends X {
  /** Listens. */
  listen() {}
}
declare module 'y' {}
run();
`,
    ['add: Adds two numbers. (3)', 'Options: Options. (3)', 'Name:  (1)', 'count: How many. (1)', 'Server:  (4)'],
  ],
  ['a.tsx', '/** A button. */\nexport function Button() {\n  return <b>x</b>;\n}\n', ['Button: A button. (3)']],
  ['a.js', '/** Load. */\nmodule.exports = 1;\nfunction load() {}\n', ['load:  (1)']],
  [
    'a.py',
    `"""Module."""
import os

@cache
def load(path):
    """Load a file.

    Args:
        path: where
    """
    return path

class Server(Base):
    r'''Serves.'''
    def listen(self): pass

async def wait(): pass
x = 1
`,
    ['load: Load a file. (8)', 'Server: Serves. (3)', 'wait:  (1)'],
  ],
  [
    'a.go',
    `package a

// Listen waits
// for clients.
func (s *Server) Listen() error {
	return nil
}

// Server serves.
type Server struct {
	Port int
}
`,
    ['Listen: Listen waits for clients. (3)', 'Server: Server serves. (3)'],
  ],
  [
    'a.rs',
    `use std::io;
/// Opens a file.
/// Really.
#[inline]
pub fn open() {}

/// A pair.
pub struct Pair<T> { a: T }
impl<T> Pair<T> {
    fn a(&self) {}
}
`,
    ['open: Opens a file. Really. (2)', 'Pair: A pair. (1)', 'Pair:  (3)'],
  ],
  [
    'A.java',
    'package a;\nimport b.C;\n/** Serves. */\n@Deprecated\npublic class Server {\n  void listen() {}\n}\nenum Kind { A }\n',
    ['Server: Serves. (4)', 'Kind:  (1)'],
  ],
  [
    'a.h',
    '#ifndef A_H\n#define A_H\n/* Opens. */\nint *open_file(const char *path);\nstruct pair { int a; };\ntypedef struct pair pair_t;\n#endif\n',
    ['open_file: Opens. (1)', 'pair:  (1)', 'pair_t:  (1)'],
  ],
  [
    'a.cpp',
    '#include <a>\nnamespace a {\n/// Adds.\ntemplate <typename T>\nT add(T a) { return a; }\nclass Server { public: void listen(); };\n}\nint a::Server::run(int x) {\n  return x;\n}\n',
    ['add: Adds. (2)', 'Server:  (1)', 'a::Server::run:  (3)'],
  ],
  [
    'a.cs',
    'using System;\nnamespace A {\n  /// <summary>Serves.</summary>\n  public class Server {\n    void Listen() {}\n  }\n}\n',
    ['Server: Serves. (3)'],
  ],
  [
    'a.rb',
    "require 'x'\nmodule Acme\n  # Serves.\n  class Server\n    def listen; end\n  end\nend\n# Runs.\ndef run\nend\n",
    ['Server: Serves. (3)', 'run: Runs. (2)'],
  ],
  [
    'a.php',
    '<?php\nnamespace A;\n/** Serves. */\nclass Server {\n  function listen() {}\n}\nfunction run() {}\n',
    ['Server: Serves. (3)', 'run:  (1)'],
  ],
  ['a.sh', '#!/bin/sh\n# Starts it.\nstart() {\n  echo 1\n}\nstart\n', ['start: Starts it. (3)']],
];

describe('declarations with their comments', () => {
  test.each(sources)('%s', async (path, text, expected) => {
    expect(await declarations(path, text)).toEqual(expected);
    const blocks = await parseCode(path, text);
    for (const [index, block] of blocks.entries())
      expect(block.start).toBeGreaterThanOrEqual(blocks[index - 1]?.end ?? 0);
  });
});

test('the words of a comment know where they stand', async () => {
  const text = 'def f():\n    """Load\n    it."""\n';
  const [, paragraph] = await parseCode('a.py', text);
  const span = paragraph?.kind === 'paragraph' ? spanOf(paragraph.prose) : undefined;
  expect(text.slice(span?.start, span?.end)).toBe('Load\n    it.');
});

test('code that breaks its grammar, or has none, is still there', async () => {
  const texts: [string, string][] = [
    ['a.py', 'def f(:\n  )))\nclass'],
    ['a.kt', 'fun main() {}\n'],
    ['a.json', '{"a": 1}\n'],
  ];
  for (const [path, text] of texts) {
    const [section] = await parseDocument({ path, format: 'code' }, text);
    expect(section?.blocks.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text.trim());
  }
});

const partsOf = (block: Block | undefined, text: string): string[] =>
  block?.kind === 'code' ? (block.parts ?? []).map(({ start, end }) => text.slice(start, end)) : [];

describe('code that is too long for a chunk has parts', () => {
  const method = (name: string) => `  /** About ${name}. */\n  ${name}() {\n    return ${'1 + '.repeat(400)}1;\n  }\n`;
  const source = `class Server {\n${method('a')}${method('b')}${method('c')}}`;

  test('a class has its members, with their comments', async () => {
    const [, block] = await parseCode('a.ts', source);
    expect(block).not.toHaveProperty('parts');
    const sections = await parseDocument({ path: 'a.ts', format: 'code' }, source);
    const parts = partsOf(sections[0]?.blocks[1], source);
    expect(parts).toEqual([`class Server {\n`, method('a'), method('b'), `${method('c')}}`]);
  });

  test.each([
    [
      'fenced',
      (code: string) => `# T\n\n- item\n\n  ~~~~ts\n${code.replace(/^/gm, '  ')}\n  ~~~~\n\n~~~ts\n${code}\n~~~\n`,
    ],
    ['fenced after a line that looks alike', (code: string) => `~~~ts\n${code}\n~~~\n\n# class Server {\n`],
  ])('%s', async (_, write) => {
    const text = write(source);
    const sections = await parseDocument({ path: 'a.md', format: 'markdown' }, text);
    const block = sections.flatMap((section) => section.blocks).find((each) => each.kind === 'code');
    const parts = partsOf(block, text);
    expect(parts.join('')).toBe(text.slice(block?.start, block?.end));
    expect(parts.map((part) => part.trimStart().split('\n')[0])).toEqual([
      '~~~ts',
      '/** About a. */',
      '/** About b. */',
      '/** About c. */',
    ]);
  });

  test('yaml has its keys', async () => {
    const key = (name: string) => `${name}:\n${'  - value\n'.repeat(300)}`;
    const text = `${key('a')}${key('b')}`;
    const sections = await parseDocument({ path: 'a.yaml', format: 'code' }, text);
    expect(partsOf(sections[0]?.blocks[0], text)).toEqual([key('a'), key('b').trimEnd()]);
  });
});
