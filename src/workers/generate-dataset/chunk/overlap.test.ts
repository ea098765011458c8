import { expect, test } from 'vitest';
import { corpusOf } from '../../../../tests/builders/corpus.ts';
import { gather } from '../model/material.ts';
import { parseDocument } from '../parse/index.ts';
import { sentencesBefore } from './overlap.ts';

test('[T8] the overlap is whole sentences of the same section, in Chinese too', async () => {
  const text = '# A\n\nFirst one. Second one. Third one.\n\n    code()\n\n# 乙\n\n第一句。第二句！第三句；\n\n尾。\n';
  const sections = await parseDocument({ path: 'a', format: 'markdown' }, text);
  const before = (at: number, count: number): string | undefined => {
    const span = sentencesBefore(sections, at, count);
    return span && text.slice(span.start, span.end);
  };
  expect(before(text.indexOf('Third'), 1)).toBe('Second one. ');
  expect(before(text.indexOf('    code'), 2)).toBe('Second one. Third one.');
  expect(before(text.indexOf('尾'), 2)).toBe('第二句！第三句；');
  expect(before(text.indexOf('# 乙'), 2)).toBeUndefined();
  expect(before(text.indexOf('Third'), 0)).toBeUndefined();
});

test('[T8] a model is shown the overlap, and cannot quote it', async () => {
  const text = `# A\n\n${'This sentence is one of many in a long paragraph. '.repeat(30)}Here it ends.\n`;
  const corpus = await corpusOf({ 'a.md': text }, { targetTokens: 60, maxTokens: 120, minTokens: 20 });
  const chunk = corpus.chunks[1];
  if (chunk === undefined) throw new Error('the paragraph was not cut');
  const show = async (overlap: number): Promise<[string, string]> => {
    const { shown, passages } = await gather(corpus, [{ chunk, start: chunk.start, end: chunk.end }], overlap);
    return [shown[0]?.text ?? '', passages[0]?.text ?? ''];
  };
  const [alone, passage] = await show(0);
  expect(await show(1)).toEqual([`This sentence is one of many in a long paragraph. ${alone}`, passage]);
});
