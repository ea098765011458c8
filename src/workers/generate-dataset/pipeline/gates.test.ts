import { expect, test } from 'vitest';
import { checkGates, type Figures } from './gates.ts';

const gates = { minRows: 100, minAcceptRate: 0.5, minCoverage: 0.6, maxDuplicateRate: 0.2, maxFailedChunks: 0.05 };
const good: Figures = {
  ...{ rows: 100, acceptRate: 0.5, coverage: 0.6, duplicateRate: 0.2, failed: 5, usable: 100 },
  byReason: { NO_EVIDENCE: 3, TOO_LONG: 9 },
};

test('figures at the gates pass', () => {
  expect(() => checkGates(gates, good)).not.toThrow();
  expect(() => checkGates(gates, { ...good, failed: 0, usable: 0 })).not.toThrow();
});

test.each<[string, Partial<Figures>, string, RegExp]>([
  [
    'too many failed chunks',
    { failed: 6 },
    'PartiallyFailed',
    /6 of 100 chunks.*gates\.maxFailedChunks 0\.05.*are kept/s,
  ],
  ['too few rows', { rows: 99 }, 'TooFewRows', /99 rows.*gates\.minRows 100.*9 TOO_LONG, 3 NO_EVIDENCE/s],
  ['too many turned down', { acceptRate: 0.49 }, 'LowAcceptRate', /0\.49 is below gates\.minAcceptRate 0\.5/],
  ['too little covered', { coverage: 0.5999 }, 'LowCoverage', /0\.599 .*gates\.minCoverage 0\.6/],
  ['too many duplicates', { duplicateRate: 0.25 }, 'TooManyDuplicates', /0\.25 is above gates\.maxDuplicateRate 0\.2/],
  ['a hidden gap comes first', { failed: 50, rows: 0 }, 'PartiallyFailed', /50 of 100/],
])('%s', (_, changes, reason, message) => {
  const check = (): void => checkGates(gates, { ...good, ...changes });
  expect(check).toThrow(expect.objectContaining({ exit: 'data', reason }) as Error);
  expect(check).toThrow(message);
});
