import { z } from 'zod';
import fixtures from '../../src/contract/fixtures.json' with { type: 'json' };
import exitCodes from '../../src/contract/exit-codes.json' with { type: 'json' };
import { evaluateInputSchema, tagInputSchema, trainInputSchema } from '../../src/contract/inputs.ts';
import { progressSchema } from '../../src/contract/progress.ts';
import { failureSchema, resultSchemas } from '../../src/contract/result.ts';
import { passageSchema, rejectedRowSchema, rowSchema } from '../../src/contract/rows.ts';
import type { GeneratedFile } from './file.ts';

const folder = 'images/trainer/contract';

const schemas: Readonly<Record<string, z.ZodType>> = {
  'train-input': trainInputSchema,
  'train-result': resultSchemas.train,
  'evaluate-input': evaluateInputSchema,
  'evaluate-result': resultSchemas.evaluate,
  'tag-input': tagInputSchema,
  'tag-result': resultSchemas.tag,
  failure: failureSchema,
  row: rowSchema,
  'rejected-row': rejectedRowSchema,
  passage: passageSchema,
  progress: progressSchema,
};

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The contract as the Python workers read it: JSON Schema draft 2020-12 of what is sent, and the exit codes. */
export function contractFiles(): GeneratedFile[] {
  const files = Object.entries(schemas).map(([name, schema]) => ({
    path: `${folder}/${name}.schema.json`,
    content: json({
      $comment: 'generated from src/contract by npm run generate',
      ...z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input', reused: 'inline', cycles: 'throw' }),
    }),
  }));
  return [
    ...files,
    { path: `${folder}/exit-codes.json`, content: json(exitCodes) },
    // both languages check the same good and bad values
    { path: `${folder}/fixtures.json`, content: json(fixtures) },
  ];
}
