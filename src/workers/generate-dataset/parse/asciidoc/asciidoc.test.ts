import { expect, test } from 'vitest';
import { outline } from '../outline.ts';
import { spanOf } from '../prose.ts';
import { parseAsciidoc } from './index.ts';

const read = async (...lines: string[]): Promise<string[]> => outline(await parseAsciidoc(lines.join('\n')));

test('titles, paragraphs and markup within a line', async () => {
  expect(
    await read(
      '= Guide to {project}',
      'Ann Author',
      ':project: Acme',
      '',
      'Use `listen` of *the* _server_ in {project},',
      'see link:http://x[the docs], <<install,Install>> and https://y[Y].footnote:[no]',
      '',
      'ifdef::missing[]',
      'hidden',
      'endif::[]',
      '',
      '[[install]]',
      '== Install',
      '',
      '// no text',
      'Run `+a+`, a_b_c and 2*3*4.',
      '',
      '=== Deep',
      '',
      'include::other.adoc[]',
    ),
  ).toEqual([
    '# Guide to Acme',
    'p Use `listen` of the server in Acme, see the docs, Install and Y.',
    '## Install',
    'p Run `a`, a_b_c and 2*3*4.',
    '### Deep',
    'other',
  ]);
});

test('code, lists, terms and tables', async () => {
  expect(
    await read(
      '.Title',
      '[source,python]',
      '----',
      'def f(): # <1>',
      '',
      '    pass',
      '----',
      '<1> a note',
      '',
      'Then:',
      '',
      ' literal',
      '',
      'and',
      '',
      '* item `a`',
      'goes on',
      '* item b',
      '+',
      'more of b',
      '** inner',
      '',
      'or',
      '',
      '. first',
      '. second',
      '',
      'of',
      '',
      'port:: the port',
      'host::',
      'name::',
      '  the *host*',
      '',
      '[options="header"]',
      '|===',
      '|Name |Meaning',
      '',
      '|`a`',
      '|a letter',
      '|b |two',
      '|===',
      '',
      'Last.',
    ),
  ).toEqual([
    'code python: def f():⏎⏎    pass',
    'list a note',
    'p Then:',
    'code : literal',
    'p and',
    'list item `a` goes on | item b',
    'p or',
    'list first | second',
    'p of',
    'list port: the port | host, name: the host',
    'table Name,Meaning / `a`,a letter / b,two',
    'p Last.',
  ]);
});

test('a title may have a line below it', async () => {
  expect(await read('name(1)', '=======', '', '----', '# no title', '----', '', 'USE', '---', 'Text.')).toEqual([
    '# name(1)',
    'code : # no title',
    '## USE',
    'p Text.',
  ]);
});

test('notes are read, but not right below a title; what stands in blocks is read too', async () => {
  expect(
    await read(
      '== A',
      '',
      'NOTE: aside',
      '',
      'Text.',
      '',
      'TIP: Do it.',
      '',
      '[WARNING]',
      '====',
      'Take care.',
      '',
      '* x',
      '====',
      '',
      '____',
      'quoted',
      '____',
      '',
      "'''",
      'End.',
    ),
  ).toEqual(['## A', 'other', 'p Text.', 'p Do it.', 'p Take care.', 'list x', 'other', 'other', 'p End.']);
});

test('blocks do not overlap, and the text knows where it stands', async () => {
  const text = '= T\n\nSome `code` and _more_\ntext.\n\n----\nx\n----\n\n|===\n|a |b `c`\n|===\n';
  const blocks = await parseAsciidoc(text);
  for (const [index, block] of blocks.entries())
    expect(block.start).toBeGreaterThanOrEqual(blocks[index - 1]?.end ?? 0);
  const [, paragraph, code, table] = blocks;
  const span = paragraph?.kind === 'paragraph' ? spanOf(paragraph.prose) : undefined;
  expect(text.slice(span?.start, span?.end)).toBe('Some `code` and _more_\ntext.');
  expect(text.slice(code?.start, code?.end)).toBe('----\nx\n----');
  const cell = table?.kind === 'table' ? table.rows[0]?.[1] : undefined;
  expect(text.slice(cell?.spans[0]?.start, cell?.spans.at(-1)?.end)).toBe('b `c`');
});
