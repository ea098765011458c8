import type { Fact } from '../fact.ts';

/** an answer of this many characters is learnt in few steps */
const shortAnswer = 200;

/** The higher, the sooner a fact is taken when there is room for some only. */
export const valueOf = ({ weight, answer }: Fact): number => weight + (answer.length <= shortAnswer ? 1 : 0);
