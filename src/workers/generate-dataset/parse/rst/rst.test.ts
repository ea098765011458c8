import { describe, expect, test } from 'vitest';
import { toSections } from '../block.ts';
import { outline } from '../outline.ts';
import { spanOf } from '../prose.ts';
import { parseRst } from './index.ts';

const read = (...lines: string[]): string[] => outline(parseRst(lines.join('\n')));
const prose = (text: string): string => read(text)[0]?.replace(/^p /, '') ?? '';

test('titles have their depth by the order of their styles', () => {
  const text = [
    '=====',
    'Guide',
    '=====',
    '',
    'One',
    '---',
    '',
    'Two',
    '~~~',
    '',
    'Three',
    '-----',
    '',
    '服务',
    '----',
    '',
    'C',
    '-',
  ];
  expect(read(...text)).toEqual(['# Guide', '## One', '### Two', '## Three', '## 服务', '## C']);
});

describe('markup within a line', () => {
  test.each([
    ['Use ``a *b*`` and `x`.', 'Use `a *b*` and `x`.'],
    ['See :class:`~acme.http.Server` of :py:mod:`acme`.', 'See `Server` of `acme`.'],
    ['See :ref:`the guide <guide>` and :doc:`install`.', 'See the guide and install.'],
    ['A `link <http://x>`_, `another one`__ and simple_.', 'A link, another one and simple.'],
    ['**Bold**, *two words*, 2*3*4, a\\ b, \\*.', 'Bold, two words, 2*3*4, ab, *.'],
    ['Note [1]_ of |project| and `a_b_c`, x_y.', 'Note of project and `a_b_c`, x_y.'],
  ])('%s', (text, expected) => {
    expect(prose(text)).toBe(expected);
  });

  test('the text knows where it stands', () => {
    const text = 'Run ``a`` or\n:func:`b <m.b>` *now*.\n';
    const [block] = parseRst(text);
    const span = block?.kind === 'paragraph' ? spanOf(block.prose) : undefined;
    expect(text.slice(span?.start, span?.end)).toBe(text.trim());
    const words = block?.kind === 'paragraph' ? block.prose : undefined;
    const at = words?.text.indexOf('now') ?? 0;
    expect(text.slice(words?.spans[at + 1]?.start, words?.spans[at + 2]?.end)).toBe('ow*');
  });
});

test('code: after two colons, in directives, and as a session', () => {
  expect(
    read(
      'Run this::',
      '',
      '    a()',
      '      b()',
      '',
      '.. code-block:: python',
      '   :linenos:',
      '   :caption: x',
      '',
      '   def f():',
      '       pass',
      '',
      '.. prompt:: bash',
      '',
      '   ls',
      '',
      '>>> 1 + 1',
      '2',
      '',
      '::',
      '',
      '  plain',
    ),
  ).toEqual([
    'p Run this:',
    'code : a()⏎  b()',
    'code python: def f():⏎    pass',
    'code bash: ls',
    'code python: >>> 1 + 1⏎2',
    'code : plain',
  ]);
});

test('lists: bullets, numbers, terms, fields and options', () => {
  expect(
    read(
      '- ``port``: the port',
      '  to use',
      '',
      '  More.',
      '- host',
      '',
      '#. first',
      '2) second',
      '',
      'term',
      '   its *meaning*',
      'other : str',
      '   other meaning',
      '',
      ':param int port: where it listens',
      ':returns: nothing',
      '',
      '-v, --verbose  say more',
      '--file=PATH',
      '    where to write',
    ),
  ).toEqual([
    'list `port`: the port to use | host',
    'list first | second',
    'list term: its meaning | other : str: other meaning',
    'list `port`: where it listens | returns: nothing',
    'list `-v, --verbose`: say more | `--file=PATH`: where to write',
  ]);
});

test('a paragraph that begins like an item is one', () => {
  expect(read('- a dash begins', 'this sentence', '', 'A. Author wrote', 'this.')).toEqual([
    'p - a dash begins this sentence',
    'p A. Author wrote this.',
  ]);
});

test('tables: grids, simple ones, and directives', () => {
  expect(
    read(
      '+------+---------+',
      '| Name | Meaning |',
      '+======+=========+',
      '| a    | ``x``   |',
      '|      | and y   |',
      '+------+---------+',
      '| 名字 | b       |',
      '+------+---------+',
      '',
      '====  =====',
      'Name  Value',
      '====  =====',
      'a     one',
      '      two',
      'b     three',
      '====  =====',
      '',
      '.. list-table:: Title',
      '   :header-rows: 1',
      '',
      '   * - Name',
      '     - Value',
      '   * - a',
      '     - one',
      '       two',
      '',
      '.. csv-table::',
      '',
      '   Name, Value',
      '   a, "one, two"',
    ),
  ).toEqual([
    'table Name,Meaning / a,`x` and y / 名字,b',
    'table Name,Value / a,one two / b,three',
    'table Name,Value / a,one two',
    'table Name,Value / a,one, two',
  ]);
});

test('notes are read, but not right below a title; comments, targets and pictures are left out', () => {
  expect(
    read(
      'Guide',
      '=====',
      '',
      '.. note:: An aside.',
      '',
      'Text.',
      '',
      '.. warning::',
      '',
      '   Take *care*::',
      '',
      '       x',
      '',
      '.. _target:',
      '',
      '.. a comment',
      '   of two lines',
      '',
      '.. image:: a.png',
      '   :alt: x',
      '',
      '.. |x| replace:: y',
    ),
  ).toEqual(['# Guide', 'other', 'p Text.', 'p Take care:', 'code : x', ...Array<string>(4).fill('other')]);
});

test('what is indented is a quotation, but for lists and code', () => {
  expect(read('Text.', '', '  Quoted.', '', '  * item', '', 'Next::', '', 'No code.')).toEqual([
    'p Text.',
    'other',
    'list item',
    'p Next:',
    'p No code.',
  ]);
});

test('entries of an api have sections of their own, which end with them', () => {
  const text = [
    'Guide',
    '=====',
    '',
    '.. class:: Server(port)',
    '           Server()',
    '   :module: acme',
    '',
    '   Serves.',
    '',
    '   .. method:: listen()',
    '',
    '      Listens.',
    '',
    'After it.',
    '',
    'Next',
    '----',
    '',
    '.. option:: --port <n>',
    '',
    '   The port.',
    '',
  ].join('\n');
  const sections = toSections(parseRst(text), text.length);
  expect(sections.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
  expect(
    sections.map(({ path, blocks }) => [path.join(' / '), ...outline(blocks.filter(({ kind }) => kind !== 'heading'))]),
  ).toEqual([
    ['Guide'],
    ['Guide / `Server(port)`', 'p Serves.'],
    ['Guide / `Server(port)` / `listen()`', 'p Listens.'],
    ['Guide', 'p After it.'],
    ['Guide / Next'],
    ['Guide / Next / `--port <n>`', 'p The port.'],
  ]);
});
