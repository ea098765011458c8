import { expect, test } from 'vitest';
import type { DocumentFormat } from '../../../contract/documents.ts';
import type { Finding } from '../fact.ts';
import { toSections } from '../parse/block.ts';
import { parseDocument } from '../parse/index.ts';
import { parseMarkdown } from '../parse/markdown.ts';
import { isGrounded } from './answer.ts';
import { extractFacts, type ParsedDocument } from './index.ts';
import { projectName, topTitle } from './project.ts';

const load = (text: string, path = 'docs/server.md'): ParsedDocument => ({
  ...{ path, text },
  sections: toSections(parseMarkdown(text, false), text.length),
});
const extract = (text: string): Finding[] => extractFacts(load(text), 'Acme');
const extractAs = async (path: string, format: DocumentFormat, text: string): Promise<Finding[]> =>
  extractFacts({ path, text, sections: await parseDocument({ path, format }, text) }, 'Acme');
const facts = (text: string) => extract(text).flatMap((finding) => ('fact' in finding ? [finding.fact] : []));
const reasons = (text: string) =>
  extract(text).flatMap((finding) => ('fact' in finding ? [] : [finding.refusal.reason]));

test('an api heading: its first sentences answer, links become text, the quote stays as it is written', () => {
  const text = '# Server\n\n### listen(port)\n\nStarts the [server](#server) on a port. See [ports](#p) for more.\n';
  const [fact] = facts(text);
  expect(fact).toMatchObject({
    task: 'explain',
    answer: 'Starts the server on a port.',
    heading: ['Server', 'listen(port)'],
  });
  expect(fact!.questions[0]).toBe('What does `listen(port)` do in Acme (Server)?');
  expect(new Set(fact!.questions).size).toBeGreaterThanOrEqual(4);
  expect(fact!.evidence.map(({ start, end }) => text.slice(start, end))).toEqual([
    'Starts the [server](#server) on a port.',
  ]);
});

test('an option: its default and its meaning are two facts', () => {
  const text =
    '# Server\n\n## Options\n\n### `bodyLimit`\n\n+ Default: `1048576` (1MiB)\n\nDefines the maximum payload in bytes.\n';
  expect(facts(text).map(({ answer, task }) => [task, answer])).toEqual([
    ['explain', 'Defines the maximum payload in bytes.'],
    ['config', 'Default: `1048576` (1MiB)'],
  ]);
});

test('a list of options: each item with a name and a description is a fact', () => {
  const text =
    '# Routes\n\n## Options\n\n* `url`: the path of the route.\n* `method` - see below.\n* `--watch` will restart the server\n* plain item\n';
  expect(facts(text).map(({ answer }) => answer)).toEqual([
    'the path of the route.',
    '`--watch` will restart the server',
  ]);
  expect(facts(text)[0]!.questions[0]).toBe('What is `url` in Acme (Routes, Options)?');
  expect(reasons(text)).toEqual(['POINTS_ELSEWHERE']);
});

test('a definition and other sections are asked differently', () => {
  const text =
    '# Guide\n\n## Hooks\n\nHooks are the functions that run around a request.\n\n## Start\n\nInstall the package before anything else.\n';
  expect(facts(text).map(({ questions }) => questions[0])).toEqual([
    'What are Hooks in Acme (Guide)?',
    'What does the Acme documentation say about "Start" (Guide)?',
  ]);
});

test('code: one example is asked for by its heading, several by their lead sentences, output and counterexamples not at all', () => {
  const one = '# Guide\n\n## Listen\n\n```js\nserver.listen({ port: 3000 })\n```\n';
  expect(facts(one)).toMatchObject([{ task: 'codeGeneration', answer: '```js\nserver.listen({ port: 3000 })\n```' }]);
  const several = `# Guide

## Install

Install with npm:

\`\`\`sh
npm install acme
\`\`\`

Example:

\`\`\`sh
yarn add acme
\`\`\`

The server answers with:

\`\`\`sh
HTTP/1.1 200 OK
\`\`\`

Avoid the old way:

\`\`\`js
// don't do this
server.open(3000)
\`\`\`
`;
  expect(facts(several).map(({ questions }) => questions[0])).toEqual([
    'Show a code example for "Install: Install with npm" in Acme (Guide).',
  ]);
  expect(reasons(several)).toEqual(expect.arrayContaining(['AMBIGUOUS', 'OUTPUT', 'COUNTEREXAMPLE']));
});

test('a lead sentence is asked for without the words that lead over to the example; a part of a sentence is none', () => {
  const example = (lead: string) => `${lead}\n\n\`\`\`sh\nnpm install acme\n\`\`\`\n`;
  const leads = ['Install the package using:', 'which can be changed by all users:', 'Unless changed to:'];
  expect(facts(`# Guide\n\n## Start\n\n${leads.map(example).join('\n')}`).map(({ questions }) => questions[0])).toEqual(
    ['Show a code example for "Start: Install the package" in Acme (Guide).'],
  );
});

test('an example inside a list item is not taken with its indentation', () => {
  expect(facts('# Guide\n\n1. Do it:\n   ```js\n   server.listen()\n   ```\n')).toEqual([]);
});

test('a table of an api: each cell answers for its column', () => {
  const text = '# Errors\n\n| Code | How to solve |\n| - | - |\n| E_PORT_USED | Choose another port. |\n| - | none |\n';
  expect(facts(text)).toMatchObject([{ answer: 'Choose another port.' }]);
  expect(facts(text)[0]!.questions[0]).toBe('In Acme (Errors), what is the "How to solve" of `E_PORT_USED`?');
});

test('navigation, greetings, announcements and tables of contents are no answers', () => {
  const text = `# Guide

- [One](#one)
- [Two](#two)

## Welcome

Hello! Thank you for reading.

## More

[All the pages](a.md) and [more pages](b.md)

## Options

The server has the following options:

- \`x\`
`;
  expect(facts(text)).toEqual([]);
  expect(reasons(text)).toEqual(['CHATTY', 'NAVIGATION', 'LEADS_TO_LIST']);
});

test('a chinese document is asked about in chinese', () => {
  const text = '# 指南\n\n## 钩子\n\n钩子是在请求前后运行的函数，可以修改请求。参见下文。\n';
  const [fact] = facts(text);
  expect(fact).toMatchObject({ language: 'zh', answer: '钩子是在请求前后运行的函数，可以修改请求。' });
  expect(fact!.questions[0]).toContain('Acme');
});

test('rst, html and documented code give facts too', async () => {
  const rst = await extractAs(
    'a.rst',
    'rst',
    'Server\n======\n\nlisten(port)\n------------\n\nStarts the server on a port.\n',
  );
  const html = await extractAs(
    'a.html',
    'html',
    '<main><h1>Server</h1><h2>listen(port)</h2><p>Starts the <b>server</b> on a port.</p></main>',
  );
  const code = await extractAs(
    'a.ts',
    'code',
    '/** Starts the server on a port. */\nexport function listen(port) {}\n',
  );
  for (const findings of [rst, html, code]) {
    expect(findings).toContainEqual({
      fact: expect.objectContaining({ answer: 'Starts the server on a port.' }) as unknown,
    });
  }
});

test('an answer whose words are not in the quote in their order is not grounded', () => {
  expect(isGrounded('starts the server', 'It [starts](#s) **the** server.')).toBe(true);
  expect(isGrounded('starts the client', 'It starts the server.')).toBe(false);
  expect(isGrounded('server starts', 'It starts the server.')).toBe(false);
});

test('the project is named by the heading that its documents share, else by the source', () => {
  const page = (text: string, path: string) => ({
    path,
    source: 'acme-docs',
    title: topTitle(text, load(text).sections)!,
  });
  const shared = [page('<h1 align="center">Acme</h1>\n\n## A\n', 'a.md'), page('<h1>Acme</h1>\n', 'b.md')];
  expect(projectName('acme-docs', shared)).toBe('Acme');
  expect(projectName('acme-docs', [page('# One\n', 'one.md'), page('# Two\n', 'two.md')])).toBe('acme');
  expect(projectName('acme-docs', [page('# Acme Server\n', 'README.md'), page('# Two\n', 'two.md')])).toBe(
    'Acme Server',
  );
});

test('an item whose name is only part of a phrase does not explain the name', () => {
  const text = [
    '- `async` routes, e.g. in plugins',
    '- `listen()` behavior',
    '- `subTest` (since version 9)',
    '- `handler` the function that answers a request',
    '- `server` - runs the handlers of all routes',
    '- `retry` sends the request again',
    '- `code` {string} Always `"E_CODE"`.',
    '- `f` - failed',
  ].join('\n');
  expect(facts(`# Routes\n\n${text}\n`).map(({ answer }) => answer)).toEqual([
    'the function that answers a request',
    'runs the handlers of all routes',
    '`retry` sends the request again',
    'Always `"E_CODE"`.',
  ]);
});

test('a cell of marks and one word is no answer', () => {
  const text = '# Run\n\n| Name | Long name | Plan |\n| - | - | - |\n| -d | `- -` data-path | Not before 2027. |\n';
  expect(facts(text).map(({ answer }) => answer)).toEqual(['Not before 2027.']);
});

test('a signature with generic parameters is asked for by its name', () => {
  const text =
    '# Types\n\n### acme.Hook< Raw, Reply >(request: Request<Raw>): void\n\nRuns before the request is parsed.\n';
  expect(facts(text)[0]!.questions[0]).toBe('What does `acme.Hook` do in Acme (Types)?');
});

test('a definition has the number of its title, and quotation marks in a title are told apart from those of the question', () => {
  const text =
    '# Guide\n\n## Benchmarks\n\nThe benchmark is a simple one.\n\n## "Zero" overhead\n\nHandlers are called without copies.\n';
  expect(facts(text).map(({ questions }) => questions[0])).toEqual([
    'What does the Acme documentation say about "Benchmarks" (Guide)?',
    `What does the Acme documentation say about "'Zero' overhead" (Guide)?`,
  ]);
});

test('a chinese document with much code is asked about in chinese', () => {
  const code = 'const configuration = readConfiguration(process.argv)\n'.repeat(20);
  const text = `# 指南\n\n钩子是在请求前后运行的函数，可以修改请求。\n\n\`\`\`text\n${code}\`\`\`\n`;
  expect(facts(text)).toMatchObject([{ language: 'zh' }]);
});

test('a sentence with the label of a title in another document is no answer', async () => {
  const text = 'Marks\n=====\n\nA marked test is run as :ref:`mark-examples` tells.\n';
  expect(await extractAs('a.rst', 'rst', text)).toMatchObject([{ refusal: { reason: 'POINTS_ELSEWHERE' } }]);
});
