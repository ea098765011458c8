import { expect, test } from 'vitest';
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
