/** Parses a made document of each format in this process, and prints megabytes a second of one core. */
import { parseDocument } from '../src/workers/generate-dataset/parse/index.ts';
import type { DocumentFormat } from '../src/contract/documents.ts';

const bytes = 300_000;
const prose = 'The server listens on a port, and answers each request in turn. See the guide for more of it.';

/** a section of each format, which is repeated */
const sections: [path: string, format: DocumentFormat, section: string][] = [
  [
    'a.md',
    'markdown',
    `# Title\n\n${prose} Use \`listen\`.\n\n- one\n- two\n\n\`\`\`js\nlisten(1);\n\`\`\`\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n`,
  ],
  ['a.mdx', 'markdown', `# Title\n\n<Note>\n\n${prose}\n\n</Note>\n\n- one {1 + 1}\n- two\n\n`],
  [
    'a.rst',
    'rst',
    `Title\n=====\n\n${prose} Use \`\`listen\`\`.\n\n- one\n- two\n\n.. code-block:: js\n\n   listen(1);\n\n== ==\na  b\n== ==\n1  2\n== ==\n\n`,
  ],
  [
    'a.adoc',
    'asciidoc',
    `== Title\n\n${prose} Use \`listen\`.\n\n* one\n* two\n\n[source,js]\n----\nlisten(1);\n----\n\n|===\n|a |b\n|===\n\n`,
  ],
  [
    'a.html',
    'html',
    `<h2>Title</h2><p>${prose} Use <code>listen</code>.</p><ul><li>one</li><li>two</li></ul><pre>listen(1);</pre>\n`,
  ],
  ['a.txt', 'text', `Title\n\n${prose}\n${prose}\n\n`],
  ['a.ts', 'code', `/** ${prose} */\nexport function listen(port: number): void {\n  serve(port);\n}\n\n`],
  ['a.py', 'code', `def listen(port):\n    """${prose}"""\n    serve(port)\n\n\n`],
  ['a.go', 'code', `// ${prose}\nfunc Listen(port int) error {\n\treturn serve(port)\n}\n\n`],
];

for (const [path, format, section] of sections) {
  const text = section.repeat(Math.ceil(bytes / section.length));
  // once for nothing, as the first run pays for compilation
  await parseDocument({ path, format }, text);
  const before = process.cpuUsage();
  await parseDocument({ path, format }, text);
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  console.log(`${path.padEnd(7)} ${(text.length / 1e6 / seconds).toFixed(2)} MB/s`);
}
