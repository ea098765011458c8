import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { WorkerFailure } from '../../shell/failure.ts';
import { wideCharacters } from '../chunk/tokens.ts';

/** Preferred terms, each with the variants that give way to it. */
export type Glossary = ReadonlyMap<string, readonly string[]>;

const term = z.string().trim().min(1).max(200);
const schema = z.record(term, z.array(term).max(100)).refine((terms) => Object.keys(terms).length <= 5000);

/** `glossary.yaml` of a folder: `Node.js: [NodeJS, Node JS]`, one line a term. */
export async function readGlossary(folder: string): Promise<Glossary> {
  const file = join(folder, 'glossary.yaml');
  const text = await readFile(file, 'utf8').catch(() => {
    throw unusable('there is no such key in the ConfigMap');
  });
  return parseGlossary(text);
}

export function parseGlossary(text: string): Glossary {
  const found = schema.safeParse(readYaml(text));
  if (!found.success) throw unusable('write "preferred term: [variant, variant]", one line for each term');
  const terms = new Map(Object.entries(found.data));
  const owners = new Map<string, string>();
  for (const [preferred, variants] of terms) {
    for (const variant of variants) {
      const owner = owners.get(variant.toLowerCase()) ?? preferred;
      if (owner !== preferred) throw unusable(`"${variant}" is a variant of both "${owner}" and "${preferred}"`);
      // else one would be changed into the other and back again
      if (variant !== preferred && terms.has(variant)) throw unusable(`"${variant}" is both preferred and a variant`);
      owners.set(variant.toLowerCase(), preferred);
    }
  }
  return terms;
}

function readYaml(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 });
  } catch (error) {
    throw unusable(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  }
}

const unusable = (why: string): WorkerFailure =>
  new WorkerFailure('data', 'GlossaryInvalid', `consistency.glossaryRef: "glossary.yaml" cannot be used: ${why}`);

/** Puts preferred terms in the place of their variants, in any case of letters; Chinese needs no word boundaries. */
export function createTermChanger(glossary: Glossary): (prose: string, count: () => void) => string {
  const preferredOf = new Map<string, string>();
  for (const [preferred, variants] of glossary)
    for (const variant of variants) preferredOf.set(variant.toLowerCase(), preferred);
  // the preferred terms are matched too, so that a variant within one of them is left alone
  const known = [...new Set([...glossary.keys(), ...preferredOf.keys()])].sort((a, b) => b.length - a.length);
  if (known.length === 0) return (prose) => prose;
  const pattern = new RegExp(known.map(bounded).join('|'), 'giu');
  return (prose, count) =>
    prose.replace(pattern, (found) => {
      const preferred = glossary.has(found) ? found : (preferredOf.get(found.toLowerCase()) ?? found);
      if (preferred !== found) count();
      return preferred;
    });
}

const wide = new RegExp(`[${wideCharacters}]`);

function bounded(known: string): string {
  const escaped = known.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
  const boundary = (char: string, look: string): string => (wide.test(char) || !/[\p{L}\p{N}]/u.test(char) ? '' : look);
  const before = boundary(known.charAt(0), '(?<![\\p{L}\\p{N}_])');
  const after = boundary(known.charAt(known.length - 1), '(?![\\p{L}\\p{N}_])');
  return `${before}${escaped}${after}`;
}
