import fc from 'fast-check';
import type { Arbitrary } from 'fast-check';

type Markup = 'markdown' | 'rst' | 'html' | 'asciidoc';

const words = fc.array(
  fc.constantFrom('server', 'listens', 'on', 'a', 'port.', 'Then', 'it:', '服务器。', '监听；', '`code.x`', '，端口'),
  { minLength: 2, maxLength: 60 },
);
const paragraph = words.map((list) => list.join(' '));
const items = fc.array(
  words.map((list) => list.slice(0, 20).join(' ')),
  { minLength: 1, maxLength: 5 },
);

interface Writer {
  heading(depth: number): string;
  code(lines: string[]): string;
  list(entries: string[]): string;
  table(cells: string[]): string;
  paragraph(text: string): string;
}

const indent = (lines: readonly string[]): string => lines.map((line) => `   ${line}`).join('\n');

const writers: Record<Markup, Writer> = {
  markdown: {
    heading: (depth) => `${'#'.repeat(depth)} Heading`,
    code: (lines) => `\`\`\`\`js\n${lines.join('\n')}\n\`\`\`\``,
    list: (entries) => entries.map((entry) => `- ${entry}\n  more of it`).join('\n'),
    table: (cells) => `| a | b |\n| - | - |\n${cells.map((cell) => `| ${cell} | x |`).join('\n')}`,
    paragraph: (text) => text,
  },
  rst: {
    heading: (depth) => `Heading\n${'=-~^'.charAt(depth - 1).repeat(7)}`,
    code: (lines) => `.. code-block:: python\n\n${indent(lines)}`,
    list: (entries) => entries.map((entry) => `* ${entry}\n  more of it`).join('\n'),
    table: (cells) => `=====  ===\na      b\n=====  ===\n${cells.map(() => 'cell   x').join('\n')}\n=====  ===`,
    paragraph: (text) => text,
  },
  html: {
    heading: (depth) => `<h${depth}>Heading</h${depth}>`,
    code: (lines) => `<pre><code class="language-js">${lines.join('\n')}</code></pre>`,
    list: (entries) => `<ul>${entries.map((entry) => `<li>${entry}</li>`).join('\n')}</ul>`,
    table: (cells) =>
      `<table><tr><th>a</th><th>b</th></tr>${cells.map((cell) => `<tr><td>${cell}</td><td>x</td></tr>`).join('')}</table>`,
    paragraph: (text) => `<p>${text}</p>`,
  },
  asciidoc: {
    heading: (depth) => `${'='.repeat(depth)} Heading`,
    code: (lines) => `[source,js]\n----\n${lines.join('\n')}\n----`,
    list: (entries) => entries.map((entry) => `* ${entry}`).join('\n'),
    table: (cells) => `|===\n|a |b\n${cells.map((cell) => `|${cell} |x`).join('\n')}\n|===`,
    paragraph: (text) => text,
  },
};

/** Documents with all kinds of blocks, some of them larger than a chunk, in English and Chinese. */
export function corpusOf(markup: Markup): Arbitrary<string> {
  const write = writers[markup];
  const block = fc.oneof(
    fc.integer({ min: 1, max: 4 }).map((depth) => write.heading(depth)),
    paragraph.map((text) => write.paragraph(text)),
    words.map((lines) => write.code(lines)),
    items.map((entries) => write.list(entries)),
    items.map((cells) => write.table(cells)),
  );
  return fc.array(block, { maxLength: 15 }).map((blocks) => blocks.join('\n\n'));
}
