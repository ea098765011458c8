import type { Collecting } from './collect.ts';

/** Brings a fact into the form in which it is compared with others and written. */
export const openShaper = (): Promise<Collecting['shape']> => Promise.resolve((fact) => Promise.resolve({ fact }));
