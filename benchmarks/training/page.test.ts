import { expect, test } from 'vitest';
import { sets } from '../data/sets.ts';
import type { Arm } from './arms.ts';
import { ratios, renderPage } from './page.ts';

const arm = (name: Arm['name'], round: number, changes: Partial<Arm>): Arm => ({
  ...{ name, round, steps: 12, allTokens: 1100, tokens: 1000, seconds: 10, processorSeconds: 8 },
  ...{ peakBytes: 2e9, startSeconds: 20, phases: name === 'doctune' ? { python: 1, firstStep: 2 } : {} },
  ...changes,
});
const arms = [
  arm('doctune', 1, { seconds: 5 }),
  arm('TRL', 1, { peakBytes: 4e9 }),
  arm('doctune', 2, { seconds: 15, peakBytes: 1e9 }),
  arm('TRL', 2, { seconds: 30, processorSeconds: 12 }),
];

test('ratios are those of all rounds together, and memory is that of the worst', () => {
  expect(ratios(arms)).toEqual({ speed: 2, work: 1.25, memory: 0.5 });
});

test('the page has each arm, the ratios and the phases, and says of what they are', () => {
  const made = { artifact: { uri: '', digest: '', bytes: 0, files: 0 }, rows: { train: 48 }, facts: 9 };
  const page = renderPage({ set: sets[0]!, made: made as never, trl: '1.2.3', arms });
  expect(page).toContain('TRL 1.2.3');
  expect(page).toContain('| doctune | 1 | 12 | 1100 | 200 | 125 | 2000 | 20.0 |');
  expect(page).toContain('2.00 of the tokens/s, 1.25 of the tokens a processor second, 0.50 of the peak memory');
  expect(page).toContain('| firstStep | 2.0 | 2.0 |');
  expect(page).toContain('those of one run');
});
