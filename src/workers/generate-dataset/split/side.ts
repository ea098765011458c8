import type { GenerateInput } from '../../../contract/inputs.ts';
import { hashShare } from './hash.ts';

export type Side = 'train' | 'validation' | 'test';
export type SplitInput = GenerateInput['split'];

/** The side of a group by its own hash alone, so that nothing that is added ever moves it. */
export function hashedSide(group: string, { train, validation, seed }: SplitInput): Side {
  const share = hashShare(seed, 'split', group);
  if (share < train) return 'train';
  return share < train + validation ? 'validation' : 'test';
}
