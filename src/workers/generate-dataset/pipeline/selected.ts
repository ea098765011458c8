import type { GenerateInput } from '../../../contract/inputs.ts';
import { limitPerChunk } from '../rows/sample.ts';
import { groupFacts, type Grouping } from '../split/group.ts';
import { limitGrowth, selectFacts, type Selecting, type Selection } from '../split/select.ts';
import { decontaminate, holdRecallQuestions, type Decontamination, type RepeatsHeld } from './contamination.ts';
import { dropNearDuplicates } from './duplicates.ts';
import type { Collected } from './collected.ts';
import { isKept, type FactHead } from './facts.ts';
import { where } from './collect.ts';
import type { RejectedLog } from './rejected.ts';
import type { Corpus } from '../corpus.ts';
import { roomToGrow, type Parent } from './parent.ts';
import type { Work } from './work.ts';

export interface Selected extends Selection {
  grouping: Grouping;
  /** null where nothing is checked */
  decontamination: Decontamination | null;
  repeatsHeld: RepeatsHeld;
  /** clusters of facts that say the same, and what was turned down */
  duplicates: Record<string, number>;
  /** facts that there was no room for, by the setting that limits them */
  leftOut: { perChunk: number; growth: number; max: number };
}

/** Decide for each fact whether it becomes rows, and where they go. */
export async function selectAll(
  input: GenerateInput,
  work: Work,
  { heads, facts, rejected }: Collected,
  parent: Parent | undefined,
): Promise<Selected> {
  const isKnown = (head: FactHead): boolean => parent?.hasFact(head.id) ?? false;
  const isPreferred = input.growth === null ? () => false : isKnown;
  const duplicates = await dropNearDuplicates(heads, facts, input.quality.duplicates);
  const unique = heads.filter(isKept);
  const best = input.importFrom === null ? limitPerChunk(unique, input.rows.perChunk, isPreferred) : unique;
  const { documents } = work.corpus;
  // each imported row has a section of its own: the group that it names, or its line
  const split = input.importFrom === null ? input.split : { ...input.split, groupBy: 'Section' as const };
  const grouping = groupFacts(best, split, work.corpus, parent?.pins);
  for (const head of best)
    if (grouping.sideOf(head) === undefined)
      head.rejection = {
        reason: 'CROSSES_SPLIT',
        stage: 'split',
        detail: 'its quotes lie on different sides of the split',
      };
  const isTemplate = work.generator.about.name === 'extractive';
  const isChecked = input.quality.decontamination === 'Check';
  const decontamination = isChecked
    ? await decontaminate({ heads, facts }, new Set(best.filter(isKept)), grouping, isTemplate)
    : null;
  const kept = parent?.pins?.held ?? {};
  const selecting: Selecting = { input, documents, grouping, isPreferred, kept };
  const sided = best.filter(isKept);
  const room = roomToGrow(input, parent);
  const grown = room === undefined ? sided : limitGrowth(sided, room, selecting);
  const selection = selectFacts(grown, selecting);
  await noteNoRoom(unique.filter(isKept), selection.places, work.corpus, rejected);
  const leftOut = {
    perChunk: unique.length - best.length,
    growth: sided.length - grown.length,
    max: grown.length - selection.places.size,
  };
  const repeatsHeld =
    isChecked && !isTemplate ? await holdRecallQuestions({ heads, facts }, selection.places) : () => undefined;
  return { ...selection, grouping, leftOut, duplicates, decontamination, repeatsHeld };
}

/** Chunks with good facts, none of which found room. */
async function noteNoRoom(
  heads: readonly FactHead[],
  places: Selection['places'],
  corpus: Corpus,
  rejected: RejectedLog,
): Promise<void> {
  const covered = new Set([...places.keys()].map(({ chunk }) => chunk));
  const left = new Set(heads.map(({ chunk }) => chunk).filter((chunk) => !covered.has(chunk)));
  const detail = 'rows.max, rows.perChunk or growth.maxFraction left no room for its facts';
  for (const index of left) {
    const chunk = corpus.chunks[index];
    if (chunk !== undefined)
      await rejected.add({ reason: 'NO_ROOM', stage: 'split', detail, ...where(chunk, corpus), row: null });
  }
}
