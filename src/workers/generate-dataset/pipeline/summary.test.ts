import { expect, test } from 'vitest';
import { warnings } from './summary.ts';

const rows = { train: 2000, validation: 200, test: 200, recall: 400, own: 2800 };
const asGrouped = { moved: {}, notes: [] };
const warned = (split: { test: number; recall: number }): string[] => warnings(rows, 50, split, asGrouped);

test('[C14] without a test set a dataset warns that unseen documents are not looked at, with one it does not', () => {
  expect(warned({ test: 0.1, recall: 0.2 })).toEqual([]);
  expect(warned({ test: 0, recall: 0.2 })).toEqual([
    'spec.split.test is 0: nothing tells what the model does with unseen documents',
  ]);
});

test('[T36] few rows, short epochs and few groups are told too', () => {
  const few = { train: 100, validation: 10, test: 10, recall: 20, own: 140 };
  expect(warnings(few, 3, { test: 0.1, recall: 0.2 }, asGrouped)).toEqual([
    expect.stringMatching(/^140 rows are few/),
    expect.stringMatching(/^an epoch has 25 steps of 4 rows/),
    expect.stringMatching(/^the rows are in 3 groups/),
  ]);
});

test('[T36] copies and general rows make no dataset of a few rows large', () => {
  const copied = { train: 2400, validation: 40, test: 40, recall: 20, own: 400 };
  expect(warnings(copied, 50, { test: 0.1, recall: 0.2 }, asGrouped)).toEqual([
    expect.stringMatching(/^400 rows are few/),
  ]);
});
