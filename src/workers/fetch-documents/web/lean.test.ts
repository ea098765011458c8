import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leanPage } from './lean.ts';

const lean = (html: string): string => leanPage(Buffer.from(html)).toString();

test.each([
  ['scripts', '<p>a<script nonce="1">if (a < b) "</p>"</script>b</p>', '<p>ab</p>'],
  ['styles', '<style>p > a {}</style>中文', '中文'],
  ['comments', 'a<!-- build 77 --><b>b</b><!---->', 'a<b>b</b>'],
  ['drawings with their parts', 'a<svg id="m1"><text>x</text><svg/></svg>b', 'ab'],
  ['tokens', '<form><input type="hidden" value="t1"/>text</form>', '<form>text</form>'],
  ['the head', '<meta charset="gbk"><link rel="stylesheet" href="a.css?v=2"><title>T</title>', '<title>T</title>'],
  ['hidden templates', '<template><p>x</p></template>y', 'y'],
])('%s are left out', (_, html, expected) => {
  expect(lean(html)).toBe(expected);
});

test.each([
  ['what readers see', '<main><h1 class="x">A &amp; B</h1><pre><code>&lt;script&gt;</code></pre></main>'],
  ['what is said of the page', '<meta name="description" content="About"><link rel="license" href="/mit">'],
  ['a licence', '<!-- SPDX-License-Identifier: MIT -->'],
  ['what stands behind an element without an end', '<svg><p>text'],
  ['broken markup', '<p>a < b <i>c</p></i> & <'],
])('%s stays', (_, html) => {
  expect(lean(html)).toBe(html);
});

test('bytes that are no UTF-8 stay what they are', () => {
  const content = Buffer.concat([
    Buffer.from([0xd6, 0xd0, 0xff]),
    Buffer.from('<script>1</script>'),
    Buffer.from([0xce]),
  ]);
  expect(leanPage(content)).toEqual(Buffer.from([0xd6, 0xd0, 0xff, 0xce]));
});

test('nothing but what is left out goes, in any order of parts', () => {
  const unseen = fc.constantFrom(
    '<script>var a = "<p>"</script>',
    '<!-- c -->',
    '<style>b</style>',
    '<meta name="token">',
  );
  const seen = fc.constantFrom('<p>text</p>', 'é', '<ul><li>1<li>2</ul>', '<br>', '&lt;', '<a href="/x">x</a>', '\n');
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), seen, unseen)), (parts) => {
      const page = parts.map(([isSeen, one, other]) => (isSeen ? one : other)).join('');
      const kept = parts.map(([isSeen, one]) => (isSeen ? one : '')).join('');
      expect(lean(page)).toBe(kept);
      expect(lean(lean(page))).toBe(kept);
    }),
  );
});
