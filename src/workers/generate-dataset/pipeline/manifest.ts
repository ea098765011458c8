import type { GenerateInput } from '../../../contract/inputs/generate.ts';
import type { Manifest } from '../../../contract/rows.ts';
import { sortKeys, type RowFiles } from '../output/write.ts';
import type { SplitRecord } from './parent.ts';
import type { Writing } from './writing.ts';

export function manifestOf(
  { input, work, collected, selected, sources }: Writing,
  files: Pick<RowFiles, 'tasks'>,
  entries: Manifest['files'],
): Manifest {
  const { train, validation, test, recall, seed, groupBy } = input.split;
  const { grouping, held, leftOut } = selected;
  const split: SplitRecord = {
    asked: { train, validation, test, recall, seed, groupBy },
    groupBy: grouping.by,
    moved: grouping.moved,
    held: sortKeys(held),
    notes: grouping.notes,
  };
  return {
    version: 1,
    name: input.run.name,
    sources: sources.entries(),
    // without growth the rows do not depend on it: the same documents give the same bytes
    parent: input.growth === null ? null : (input.parent?.digest ?? null),
    ...(work.prompts === undefined ? {} : { prompts: sortKeys(work.prompts) }),
    prices: pricesOf(input),
    generator: {
      ...work.generator.about,
      ...input.rows,
      ...(input.importFrom === null ? {} : { historyTurns: input.importFrom.historyTurns }),
      factsFound: collected.heads.length,
      leftOut,
    },
    chunks: work.corpus.chunks.length,
    seed,
    split: { ...split },
    files: entries,
    tasks: sortKeys(files.tasks),
    rejected: sortKeys(collected.rejected.counts.byReason),
  };
}

/** What each endpoint of the run asks for a million tokens. */
function pricesOf({ generator, judge, knowledgeGap, budget }: GenerateInput): Manifest['prices'] {
  const endpoints = {
    ...(generator !== null && 'openai' in generator ? { generator: generator.openai } : {}),
    ...(judge === null ? {} : { judge: judge.endpoint }),
    ...(knowledgeGap === null ? {} : { knowledgeGap: knowledgeGap.endpoint }),
  };
  const priced = Object.entries(endpoints).flatMap(([name, endpoint]) => {
    const prices = endpoint.prices ?? budget.prices;
    return prices === null ? [] : [[name, prices] as const];
  });
  return priced.length === 0 ? null : Object.fromEntries(priced);
}
