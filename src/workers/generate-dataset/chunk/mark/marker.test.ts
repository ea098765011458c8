import { describe, expect, test } from 'vitest';
import { createChunkMarker, type MarkedHead } from './marker.ts';
import { pick, randomOf } from '../../duplicates/testdata/random.ts';

const random = randomOf(5);
const sentence = (): string =>
  `The ${pick(['router', 'server', 'parser', 'logger', 'store'], random)} ${pick(['reads', 'keeps', 'drops', 'sends'], random)} ` +
  `${Math.floor(random() * 1e6)} ${pick(['headers', 'rows', 'events'], random)} before it ${pick(['stops', 'waits', 'answers'], random)}.`;
const prose = (sentences = 8): string => Array.from({ length: sentences }, sentence).join(' ');

type Given = Partial<MarkedHead> & { text: string };
function reasonsOf(chunks: readonly Given[], changelogs: 'Keep' | 'Skip' = 'Skip'): (string | undefined)[] {
  const marker = createChunkMarker({ changelogs });
  for (const [index, { text, ...given }] of chunks.entries())
    marker.add({ index, document: index, start: 0, kind: 'prose', heading: ['Guide'], path: 'a.md', ...given }, text);
  const marks = marker.finish();
  return chunks.map((_, index) => marks.get(index)?.reason);
}

describe('[T10] chunks that are not worth asking about', () => {
  test.each<[string, Given, string]>([
    ['markup', { text: prose(), flag: 'MARKUP' }, 'NAVIGATION'],
    ['a table of contents', { text: '# Guide\n\n- [One](#one)\n- [Two](#two)\n  - [Three](#three)\n' }, 'NAVIGATION'],
    ['a toctree', { text: '.. toctree::\n   :maxdepth: 2\n\n   install\n   usage\n   api\n' }, 'NAVIGATION'],
    [
      'a menu of a page',
      { text: '<ul><li><a href="/a">Start</a><li><a href="/b">API</a><li><a href="/c">Blog</a></ul>' },
      'NAVIGATION',
    ],
    ['a title alone', { text: '# Guide\n\nSoon.\n' }, 'TOO_SHORT'],
    ['a short Chinese sentence', { text: '# 指南\n\n内容即将补充。\n' }, 'TOO_SHORT'],
    ['the same line again and again', { text: `${prose(1)}\nand once more\n`.repeat(12) }, 'REPETITIVE'],
    ['Chinese that says one thing', { text: '请联系我们的客服人员获取帮助。'.repeat(20) }, 'REPETITIVE'],
    ['a change log by its file', { text: prose(), path: 'docs/CHANGELOG-v2.md' }, 'CHANGELOG'],
    ['release notes by their folder', { text: prose(), path: 'docs/release-notes/2.1.md' }, 'CHANGELOG'],
    ['a change log by its heading', { text: prose(), heading: ['Project', '更新日志', '1.2.0'] }, 'CHANGELOG'],
  ])('%s', (_, given, reason) => {
    expect(reasonsOf([given])).toEqual([reason]);
  });
});

describe('[T10] chunks that are', () => {
  const links = Array.from({ length: 6 }, (_, index) => `- [plugin-${index}](https://x.org/${index}): ${sentence()}`);
  const table = `| Code | Meaning |\n| - | - |\n${Array.from({ length: 20 }, (_, index) => `| E${index} | the value is not valid |\n`).join('')}`;
  test.each<[string, Given]>([
    ['prose', { text: prose() }],
    ['a list of links with what they are about', { text: links.join('\n') }],
    ['a table that repeats itself', { text: table, kind: 'table' }],
    [
      'a sentence that is enough',
      { text: 'The server listens on port 3000 unless the variable PORT names another one.' },
    ],
    ['a Chinese sentence that is enough', { text: '服务器默认监听三千端口，除非环境变量另外指定了一个端口。' }],
    [
      'a guide for migration',
      { text: prose(), path: 'Guides/Migration-Guide-V5.md', heading: ['V5 migration', 'Breaking changes'] },
    ],
    ['history of a browser', { text: prose(), path: 'docs/browser-history.md' }],
  ])('%s', (_, given) => {
    expect(reasonsOf([given])).toEqual([undefined]);
  });

  test('change logs where they are wanted', () => {
    expect(reasonsOf([{ text: prose(), path: 'CHANGELOG.md' }], 'Keep')).toEqual([undefined]);
  });
});

test('[T10] the first of equal chunks stays, also where some words differ', () => {
  const long = prose(40);
  const chunks = [long, `${long.toUpperCase()}\n\n`, long.replace('before', 'until'), prose(40)];
  expect(reasonsOf(chunks.map((text) => ({ text })))).toEqual([
    undefined,
    'DUPLICATE_CHUNK',
    'NEAR_DUPLICATE_CHUNK',
    undefined,
  ]);
});

test('[T10] entries of an API that differ in a name are both kept', () => {
  const body = prose(40);
  const entries = ['getHeader', 'setHeader'].map((name) => ({
    text: `## ${name}\n\n${body}`,
    heading: [name],
    kind: 'api' as const,
  }));
  expect(reasonsOf(entries)).toEqual([undefined, undefined]);
});

test('[T10] a block that many pages repeat is boilerplate from the second page on', () => {
  const footer = `${prose(6)} Edit this page if you find a mistake.`;
  const pages = Array.from(
    { length: 5 },
    (_, index) => `Page ${index} ends here after ${index + 2} chapters.\n\n${footer}`,
  );
  expect(reasonsOf([...pages, prose(30)].map((text) => ({ text })))).toEqual([
    undefined,
    ...Array.from({ length: 4 }, () => expect.stringMatching(/BOILERPLATE|NEAR_DUPLICATE_CHUNK/) as string),
    undefined,
  ]);
});

test('[T10] the mark says why, and which text is alike', () => {
  const marker = createChunkMarker({ changelogs: 'Skip' });
  const text = prose(30);
  for (const index of [0, 1])
    marker.add({ index, document: index, start: 7, kind: 'prose', heading: [], path: `${index}.md` }, text);
  expect([...marker.finish()]).toEqual([[1, { reason: 'DUPLICATE_CHUNK', detail: 'the same text as "0.md" at 7' }]]);
});

test('[T32] of texts that are alike the one that is held back stays, whatever comes before it', () => {
  const [long, other] = [prose(40), prose(30)];
  const near = long.replace('before', 'until');
  const texts = [long, near, long, other, other];
  const marksOf = (isHeldBack: (chunk: number) => boolean): (string | undefined)[] => {
    const marker = createChunkMarker({ changelogs: 'Skip' });
    for (const [index, text] of texts.entries())
      marker.add({ index, document: index, start: 0, kind: 'prose', heading: ['Guide'], path: `${index}.md` }, text);
    const marks = marker.finish(isHeldBack);
    return texts.map((_, index) => marks.get(index)?.reason);
  };
  const [same, similar] = ['DUPLICATE_CHUNK', 'NEAR_DUPLICATE_CHUNK'];
  expect(marksOf(() => false)).toEqual([undefined, similar, same, undefined, same]);
  expect(marksOf((chunk) => chunk === 2 || chunk === 4)).toEqual([same, similar, undefined, same, undefined]);
  expect(marksOf((chunk) => chunk === 1)).toEqual([similar, undefined, same, undefined, same]);
});
