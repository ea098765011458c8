import { describe, expect, test } from 'vitest';
import { toSections } from '../block.ts';
import { outline } from '../outline.ts';
import { spanOf } from '../prose.ts';
import { parseHtml } from './index.ts';

const read = (html: string): string[] => outline(parseHtml(html));
const words = 'The server listens on a port and answers each request in turn.';

describe('what stands around the content is left out', () => {
  test('of a page that says what its content is', () => {
    const page = `<body><header><h1>Site</h1></header><nav><ul><li><a href="/">Home</a></li></ul></nav>
<main><header><h1>Guide<a class="headerlink" href="#guide">¶</a></h1></header><div class="breadcrumbs">Docs / Guide</div>
<p>${words}</p><button>Copy</button><aside>Ad</aside><p hidden>no</p></main><footer>Legal</footer></body>`;
    expect(read(page)).toEqual(['# Guide', `p ${words}`]);
  });

  test('of a page that does not', () => {
    const links = Array.from(
      { length: 9 },
      (_, index) => `<li><a href="/${index}">A page of the documentation</a></li>`,
    );
    const page = `<body><header><p>Site</p></header><div class="wrapper"><div class="left"><ul>${links.join('')}</ul></div>
<div class="content"><h1>Guide</h1><p>${words}</p><p>${words}</p></div></div><div role="contentinfo">Legal</div></body>`;
    expect(read(page)).toEqual(['# Guide', `p ${words}`, `p ${words}`]);
  });

  test('but not what several articles say', () => {
    expect(read(`<article><h2>A</h2></article><article><h2>B</h2></article>`)).toEqual(['## A', '## B']);
  });

  test('a list that leads elsewhere', () => {
    const links = (text: string) => Array.from({ length: 5 }, () => `<li><a href="/">page</a>${text}</li>`).join('');
    expect(read(`<main><ul>${links('')}</ul><ul>${links(' tells of it')}</ul></main>`)).toEqual([
      'other',
      `list ${Array<string>(5).fill('page tells of it').join(' | ')}`,
    ]);
  });
});

test('text without paragraphs, elements of any name, and code with numbers of lines', () => {
  const page = `<main>Loose <b>text</b> &amp; more<div>In a <code>div</code></div><my-note><p>${words}</p></my-note>
<table><tr><td class="linenos"><pre>1</pre></td><td><div><pre class="language-js"><code>
<span>a</span>()
</code></pre></div></td></tr></table><div class="highlight-python"><div><pre>b()</pre></div></div>after</main>`;
  expect(read(page)).toEqual([
    'p Loose text & more',
    'p In a `div`',
    `p ${words}`,
    'code js: a()',
    'code python: b()',
    'p after',
  ]);
});

test('terms, and entries of an api with sections of their own', () => {
  const page = `<main><h1>Guide</h1><dl><dt>a</dt><dt>b</dt><dd>both</dd><dt>c</dt><dd><p>one</p><p>two</p></dd></dl>
<dl class="py function"><dt class="sig"><code>listen</code>(<em>port</em>)<a class="headerlink">¶</a></dt><dd><p>Listens.</p>
<dl class="py method"><dt>close()</dt><dd>Closes.</dd></dl></dd></dl><p>After.</p></main>`;
  const sections = toSections(parseHtml(page), page.length);
  expect(
    sections.map(({ path, blocks }) => [path.join(' / '), ...outline(blocks.filter(({ kind }) => kind !== 'heading'))]),
  ).toEqual([
    [''],
    ['Guide', 'list a, b: both | c: one two'],
    ['Guide / `listen(port)`', 'p Listens.'],
    ['Guide / `listen(port)` / `close()`', 'p Closes.'],
    ['Guide', 'p After.'],
  ]);
});

test('a note right below a title is an aside', () => {
  expect(
    read('<main><h2>A</h2><div class="admonition note"><p>x</p></div><p>y</p><div class="note"><p>z</p></div></main>'),
  ).toEqual(['## A', 'other', 'p y', 'p z']);
});

test('the text knows where it stands', () => {
  const page = '<main><p>Use <a href="/l"><code>listen</code></a> &amp; wait.</p></main>';
  const [block] = parseHtml(page);
  const span = block?.kind === 'paragraph' ? spanOf(block.prose) : undefined;
  expect(page.slice(span?.start, span?.end)).toBe('Use <a href="/l"><code>listen</code></a> &amp; wait.');
});
