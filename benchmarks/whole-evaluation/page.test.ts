import { expect, test } from 'vitest';
import { sectionsOf } from './page.ts';

test('the sections with figures are taken whole, in their order, one level deeper', () => {
  const report = [
    ...['# Evaluation of a/b', 'about', '## Results', '| a |', '### by subject', '| b |'],
    ...['## Samples: recall, setting default', 'said', '## Benchmarks', 'kept', '## How it was measured', 'so'],
  ].join('\n\n');
  expect(sectionsOf(report)).toEqual(['### Results\n\n| a |\n\n#### by subject\n\n| b |', '### Benchmarks\n\nkept']);
});
