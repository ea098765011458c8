import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkerFailure } from '../../shell/failure.ts';
import { builtInTemplates, fillTemplate, placesOf, type TemplateName } from './catalog.ts';

/** The templates of a run. */
export interface Templates {
  fill(name: TemplateName, values?: Readonly<Record<string, string>>): string;
  /** one digest for all of these together, as rows tell it */
  digest(names: readonly string[]): string;
  /** digest of each template by its name */
  digests(): Record<string, string>;
  texts(): string[];
}

/** a template must leave room for a document */
const maxCharacters = 16_000;

/** The built-in templates, or those of the folder where it has them. Throws a `config` failure for one that cannot work. */
export async function loadTemplates(folder: string | null): Promise<Templates> {
  const templates = new Map(builtInTemplates);
  for (const [name, text] of folder === null ? [] : await readFolder(folder)) {
    checkTemplate(name, text);
    templates.set(name, text.trimEnd());
  }
  const textOf = (name: string): string => templates.get(name) ?? '';
  return {
    fill: (name, values = {}) => fillTemplate(textOf(name), values),
    digest: (names) => sha256(JSON.stringify(names.map((name) => [name, textOf(name)]))),
    digests: () => Object.fromEntries([...templates].sort().map(([name, text]) => [name, sha256(text)])),
    texts: () => [...templates.values()],
  };
}

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

async function readFolder(folder: string): Promise<[string, string][]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw wrong('the prompts cannot be read', error);
  });
  // a mounted ConfigMap has entries of its own that begin with ".."
  const keys = names.filter((name) => !name.startsWith('..')).sort();
  return Promise.all(keys.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as [string, string]));
}

/** A template has exactly the places of the built-in one of its name: a missing one would leave out what the request is about. */
function checkTemplate(name: string, text: string): void {
  const builtIn = builtInTemplates.get(name);
  if (builtIn === undefined)
    throw wrong(`key "${name}" is no prompt: use some of ${[...builtInTemplates.keys()].join(', ')}`);
  if (text.trim() === '') throw wrong(`key "${name}" is empty: remove it to use the built-in prompt`);
  if (text.length > maxCharacters)
    throw wrong(`key "${name}" has ${text.length} characters: keep it under ${maxCharacters}`);
  const [wanted, found] = [placesOf(builtIn), placesOf(text)];
  const unknown = found.find((place) => !wanted.includes(place));
  if (unknown !== undefined)
    throw wrong(`key "${name}" has the unknown place "{{${unknown}}}": use ${wanted.join(', ') || 'none'}`);
  const missing = wanted.find((place) => !found.includes(place));
  if (missing !== undefined) throw wrong(`key "${name}" lacks the place "{{${missing}}}": add it`);
  // endpoints refuse a json format for prompts that do not say so
  if (builtIn.includes('json') && !/json/i.test(text)) throw wrong(`key "${name}" lacks the word "json": add it`);
}

const wrong = (problem: string, cause?: unknown): WorkerFailure =>
  new WorkerFailure('config', 'InvalidPrompts', `spec.promptsRef: ${problem}`, { cause });
