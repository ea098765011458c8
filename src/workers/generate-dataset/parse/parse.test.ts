import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DocumentFormat } from '../../../contract/documents.ts';
import type { Block } from './block.ts';
import { parseDocument } from './index.ts';
import { outline } from './outline.ts';
import { spanOf, type Prose } from './prose.ts';

const blocksOf = async (path: string, format: DocumentFormat, text: string): Promise<Block[]> =>
  (await parseDocument({ path, format }, text)).flatMap((section) => section.blocks);

test('markdown: links and emphasis are reduced to their text, code keeps its backticks', async () => {
  const text = [
    '---\ntitle: x\n---\n',
    '# Guide\n',
    'Use [`listen`](#listen) of **the server**,\nnot _this_.\n',
    '* first\n  line\n* second\n\n  ```js\n  nested()\n  ```\n',
    '```ts\nconst a = 1\n```\n',
    '    indented()\n',
    '| Name | Meaning |\n| - | - |\n| `a` | first letter |\n',
    '> Note: quoted.\n',
  ].join('\n');
  expect(outline(await blocksOf('a.md', 'markdown', text))).toEqual([
    'other',
    '# Guide',
    'p Use `listen` of the server, not this.',
    'list first line | second',
    'code ts: const a = 1',
    'code : indented()',
    'table Name,Meaning / `a`,first letter',
    'other',
  ]);
});

test('markdown: references that lead nowhere are shown as their text', async () => {
  const text = [
    'Implements [`a.close()`][], see [the guide][guide]; `x[0][1]` and [b][] stay or lead somewhere.\n',
    '[`a.open(b[, c])`]: a.md#open\n[`a.close()`]: a.md#close\n',
    '[b]: b.md\n',
  ].join('\n');
  const blocks = await blocksOf('a.md', 'markdown', text);
  expect(outline(blocks)).toEqual([
    'p Implements `a.close()`, see the guide; `x[0][1]` and b stay or lead somewhere.',
    'other',
    'other',
  ]);
});

test('mdx: components are looked through, and broken mdx is read as markdown', async () => {
  const good = 'import X from "x"\n\n# Guide\n\n<Note>\n\nRead it.\n\n</Note>\n';
  expect(outline(await blocksOf('a.mdx', 'markdown', good))).toEqual(['other', '# Guide', 'p Read it.']);
  expect(outline(await blocksOf('a.mdx', 'markdown', '# Guide\n\nA < b {and} <more.\n'))[0]).toBe('# Guide');
});

test('html: the main content alone, with tables, lists and code', async () => {
  const text = `<html><body><nav><ul><li>Home</li></ul></nav><main><h1>Guide</h1><p>Use <a href="/l"><code>listen</code></a> &amp; wait.</p>
<ul><li>first</li><li>second</li></ul><pre><code class="language-js">a()
b()</code></pre><table><tr><th>Name</th><th>Meaning</th></tr><tr><td>a</td><td>letter</td></tr></table><script>x</script></main><footer><p>Legal.</p></footer></body></html>`;
  expect(outline(await blocksOf('a.html', 'html', text))).toEqual([
    '# Guide',
    'p Use `listen` & wait.',
    'list first | second',
    'code js: a()⏎b()',
    'table Name,Meaning / a,letter',
  ]);
});

describe('code: documented declarations', () => {
  test.each([
    [
      'a.ts',
      '/**\n * Adds two\n * numbers.\n * @param a first\n */\nexport function add(a: number) {\n}\n',
      'add',
      'Adds two numbers.',
    ],
    [
      'a.go',
      '// Listen waits\n// for clients.\nfunc (s *Server) Listen() error {\n}\n',
      'Listen',
      'Listen waits for clients.',
    ],
    ['a.py', 'def load(path):\n    """Load a file.\n\n    More.\n    """\n', 'load', 'Load a file.'],
    ['a.rs', '/// Opens a file.\npub fn open() {}\n', 'open', 'Opens a file.'],
  ])('%s', async (path, text, name, comment) => {
    const lines = outline(await blocksOf(path, 'code', text));
    expect(lines[0]).toBe(`# \`${name}\``);
    expect(lines).toContain(`p ${comment}`);
  });

  test('without comments the file is one block', async () => {
    expect(outline(await blocksOf('a.sh', 'code', 'echo 1\n'))).toEqual(['code sh: echo 1']);
  });
});

const formats: [string, DocumentFormat][] = [
  ['a.md', 'markdown'],
  ['a.mdx', 'markdown'],
  ['a.html', 'html'],
  ['a.rst', 'rst'],
  ['a.txt', 'text'],
  ['a.adoc', 'asciidoc'],
  ['a.ts', 'code'],
  ['a.py', 'code'],
  ['a.cpp', 'code'],
  ['a.yaml', 'code'],
];
const piece = fc.oneof(
  fc.constantFrom(
    '# Title\n\n',
    'Title\n=====\n\n',
    '```js\nlet a = "#"\n```\n\n',
    '- item `a`: [text](http://x)\n  more\n- other\n\n',
    '| a | b |\n| - | - |\n| 1 | 2 |\n\n',
    '<h2>Two</h2><p>More &amp; more</p>\n',
    'A sentence. Another, with `code.dot`! 第三句。\n\n',
    '/** Doc. */\nexport function f() {}\n',
    'Lead::\n\n    literal\n\n',
    '\u{1f600} \\* &lt;b&gt;\r\n',
    '.. code-block:: py\n   :linenos:\n\n   x = 1\n\n',
    '.. class:: A(b)\n\n   .. note:: c\n\n',
    '+---+---+\n| a | b |\n+===+===+\n| 1 | 名 |\n+---+---+\n\n',
    '=== ===\na   b\n=== ===\n1   2\n=== ===\n\n',
    'term\n  meaning\n\n:field: value\n\n-v, --verbose  option\n\n',
    '[source,js]\n----\nx()\n----\n<1> y\n\n',
    '|===\n|a |b\n\n|1\n|`2`\n|===\n\n',
    '== Two\n\n* a\n+\nb\n\nc:: d\n\n====\nNOTE: e\n====\n\n',
    'class A:\n    """Doc."""\n    def b(self): pass\n\n',
  ),
  fc.string({ maxLength: 30 }),
);

test.each(formats)(
  '%s: any text is covered by its sections, and every character knows a place within it',
  async (path, format) => {
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
        const text = pieces.join('');
        const sections = await parseDocument({ path, format }, text);
        expect(sections.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
        for (const block of sections.flatMap((section) => section.blocks)) {
          const proses: Prose[] =
            'prose' in block ? [block.prose] : block.kind === 'list' ? block.items.map((item) => item.prose) : [];
          for (const prose of proses) {
            expect(prose.spans).toHaveLength(prose.text.length);
            const span = spanOf(prose);
            if (span !== undefined)
              expect(span.start >= 0 && span.start <= span.end && span.end <= text.length).toBe(true);
          }
        }
      }),
      { numRuns: 75 },
    );
  },
);
