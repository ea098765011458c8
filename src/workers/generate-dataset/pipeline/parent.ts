import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { GenerateInput } from '../../../contract/inputs.ts';
import { manifestSchema, splits, type Row } from '../../../contract/rows.ts';
import { WorkerFailure } from '../../shell/failure.ts';
import type { WorkerContext } from '../../shell/run.ts';
import type { HeldSide } from '../split/hold-back.ts';
import type { Pins } from '../split/group.ts';
import { readLines } from './lines.ts';

/** What a new version must know of the version before. */
export interface Parent {
  rows: number;
  hasRow(id: string): boolean;
  hasFact(id: string): boolean;
  /** whether it asked a model this of the same texts */
  hasAsked(key: string): boolean;
  /** undefined where the split was asked for otherwise: then it is drawn anew */
  pins?: Pins & { held: Record<string, HeldSide> };
}

/** How the manifest tells of the split; `asked` is what the next version compares its own input with. */
export const splitRecordSchema = z.object({
  asked: z.object({
    train: z.number(),
    validation: z.number(),
    test: z.number(),
    recall: z.number(),
    seed: z.number(),
    groupBy: z.string(),
  }),
  groupBy: z.enum(['Document', 'Section']),
  moved: z.record(z.string(), z.enum(['train', 'validation', 'test'])),
  held: z.record(z.string(), z.enum(['recall', 'validation'])),
  notes: z.array(z.string()),
});
export type SplitRecord = z.infer<typeof splitRecordSchema>;

/** A model-written version tells what it asked, one key a line. */
export const askedFile = 'asked.jsonl';
export interface AskedLine {
  key: string;
}

/** Rows are kept as numbers of 48 bits: their ids would not fit the memory. */
const keyOf = (hex: string): number => parseInt(hex.replace('sha256:', '').slice(0, 12), 16);

/** Rows that a new version may add; undefined where they are not limited. */
export const roomToGrow = (
  { growth }: Pick<GenerateInput, 'growth'>,
  parent: Parent | undefined,
): number | undefined =>
  growth === null || parent === undefined ? undefined : Math.floor(growth.maxFraction * parent.rows);

/** The version before, or a warning where it cannot be read and nothing is kept from it. */
export interface Before {
  parent?: Parent;
  warning?: string;
}

/** A version that may not grow freely fails without the one before: what is new could not be told, nor what was held back. */
export async function readParent(
  { parent, split, growth }: Pick<GenerateInput, 'parent' | 'split' | 'growth'>,
  { store, log }: Pick<WorkerContext, 'store' | 'log'>,
): Promise<Before> {
  if (parent === null) return {};
  try {
    return { parent: await readVersion(await store.get(parent), split) };
  } catch (error) {
    log.warn({ err: error, parent: parent.digest }, 'the version before cannot be read');
    const problem = `the version before (${parent.digest.slice(0, shownDigest)}) cannot be read from the store`;
    if (growth === null) {
      const warning = `${problem}: the split begins anew, and rows that it held back may be trained`;
      return { warning };
    }
    const remedy =
      'bring it back, or take spec.growth out: then a version is made that begins anew, with a split of its own, and pays for all that is new';
    const detail = error instanceof Error ? error.message : String(error);
    throw new WorkerFailure('data', 'ParentUnreadable', `${problem} (${detail}): ${remedy}`, { cause: error });
  }
}

/** characters of a digest that tell which one it is */
const shownDigest = 'sha256:'.length + 12;

async function readVersion(folder: string, split: GenerateInput['split']): Promise<Parent> {
  const [rows, facts] = [new Set<number>(), new Set<number>()];
  for (const name of splits) {
    for await (const { id, fact, domain } of readLines<Row>(join(folder, `${name}.jsonl`))) {
      if (domain === 'general') continue;
      rows.add(keyOf(id));
      facts.add(keyOf(fact));
    }
  }
  const asked = await readAsked(join(folder, askedFile));
  const manifest = manifestSchema.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')));
  const record = splitRecordSchema.safeParse(manifest.split);
  const isSame = record.success && sameSplit(record.data.asked, split);
  return {
    rows: rows.size,
    hasRow: (id) => rows.has(keyOf(id)),
    hasFact: (id) => facts.has(keyOf(id)),
    hasAsked: (key) => asked.has(keyOf(key)),
    ...(isSame ? { pins: { by: record.data.groupBy, moved: record.data.moved, held: record.data.held } } : {}),
  };
}

/** Nothing in a version that was made without a model. */
async function readAsked(path: string): Promise<Set<number>> {
  const asked = new Set<number>();
  if (!existsSync(path)) return asked;
  for await (const { key } of readLines<AskedLine>(path)) asked.add(keyOf(key));
  return asked;
}

const sameSplit = (asked: SplitRecord['asked'], split: GenerateInput['split']): boolean =>
  (Object.keys(asked) as (keyof SplitRecord['asked'])[]).every((key) => asked[key] === split[key]);
