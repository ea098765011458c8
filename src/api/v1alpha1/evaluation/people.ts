import { z } from 'zod';
import { editedConfigMap, nameRef } from '../references.ts';

export const people = z.strictObject({
  sample: z.int().min(1).max(1000).default(50).describe('Pairs of answers in the sheet.csv of the report.'),
  verdictsRef: nameRef('a ConfigMap with the key "verdicts.csv": the sheets as people have filled them in')
    .optional()
    .describe(`What people prefer; read by a new run, which asks no model again; ${editedConfigMap}.`),
});

const percent = (what: string) => z.string().max(32).optional().describe(`${what}, in percent.`);

export const peopleStatus = z.strictObject({
  items: z.int().min(0).describe('Pairs in the sheet.'),
  raters: z.int().min(0).describe('People who judged.'),
  wins: z.int().min(0).describe('Pairs that the tuned model won by the majority.'),
  ties: z.int().min(0).describe('Pairs that nobody won.'),
  losses: z.int().min(0).describe('Pairs that the baseline won.'),
  winRate: percent('Wins among the decided pairs'),
  low: percent("Lower end of Wilson's interval"),
  high: percent("Upper end of Wilson's interval"),
  kappa: z.string().max(32).optional().describe('Agreement: Cohen of two raters, Fleiss of more.'),
});
