import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { environment } from '../../contract/environment.ts';
import { inputSchemas } from '../../contract/inputs.ts';
import { WorkerFailure } from './failure.ts';

export type InputName = keyof typeof inputSchemas;
export type Input<N extends InputName> = z.infer<(typeof inputSchemas)[N]>;

/** Read and check the input file. Throws a `config` failure that names the first wrong field. */
export async function readInput<N extends InputName>(name: N, env: NodeJS.ProcessEnv = process.env): Promise<Input<N>> {
  const path = env[environment.input.name] ?? environment.input.path;
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new WorkerFailure('config', 'InvalidInput', `cannot read the input file "${path}"`, { cause: error });
  });
  return parseInput(name, text);
}

export function parseInput<N extends InputName>(name: N, text: string): Input<N> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new WorkerFailure('config', 'InvalidInput', 'the input file holds no JSON', { cause: error });
  }
  const parsed = inputSchemas[name].safeParse(value);
  if (parsed.success) return parsed.data as Input<N>;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join('.') ?? '';
  throw new WorkerFailure('config', 'InvalidInput', `input field "${field}": ${issue?.message ?? 'is wrong'}`);
}
