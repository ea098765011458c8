import type { GenerateInput, OpenaiInput } from '../../../contract/inputs/generate.ts';
import { WorkerFailure } from '../../shell/failure.ts';
import { shinglesOf } from '../checks/copied.ts';
import type { Corpus, Generator } from '../corpus.ts';
import { calibrate } from '../judge/calibrate.ts';
import { openJudge } from '../judge/judge.ts';
import { planUnits, type PlannedUnit } from '../plan/plan.ts';
import { profileChunks } from '../plan/profile.ts';
import { chooseChunks } from '../plan/quota.ts';
import { builtInTemplates } from '../prompts/catalog.ts';
import { loadTemplates, type Templates } from '../prompts/load.ts';
import { promptTokens, shownTokens } from './context.ts';
import type { Desk, ModelAsker } from './desk.ts';
import type { Extent } from './estimate.ts';
import { runUnit } from './unit.ts';
import { createFormWatch } from './watch.ts';

export interface ModelGeneratorOptions {
  input: GenerateInput;
  corpus: Corpus;
  askers: { write: ModelAsker; judge?: ModelAsker; gap?: ModelAsker };
}

export interface ModelGenerator extends Generator {
  /** digest of each prompt template by its name */
  prompts: Record<string, string>;
  /** usable chunks that nothing is asked about */
  unplanned: { chunk: number; reason: 'NO_ROOM' | 'NO_SUITABLE_TASK' }[];
  /** of all units, and of those of this run: they differ with `preview` only */
  whole: Extent;
  planned: Extent;
  /** agreement of judge and humans beyond chance, -1 to 1; null without calibration rows */
  agreement(): Promise<number | null>;
}

/** A generator that lets a model write, and believes nothing that the documents do not say. */
export async function openModelGenerator({ input, corpus, askers }: ModelGeneratorOptions): Promise<ModelGenerator> {
  const settings = settingsOf(input);
  const templates = await loadTemplates(input.prompts);
  const { units, unplanned } = await plan(input, corpus, settings);
  const sample = sampleOf(units, input.preview?.chunks);
  const judge =
    input.judge === null || askers.judge === undefined ? undefined : openJudge(input.judge, askers.judge, templates);
  const desk: Desk = {
    input,
    settings,
    corpus,
    templates,
    promptWords: promptWordsOf(templates),
    asker: askers.write,
    judge,
    gap: askers.gap,
  };
  const watch = createFormWatch(sample.length);
  const known = new Map(sample.map((unit) => [unit.id, unit]));
  return {
    about: { name: 'openai', model: settings.model, prompt: templates.digest([...builtInTemplates.keys()]) },
    units: sample,
    prompts: templates.digests(),
    unplanned,
    whole: extentOf(units, corpus),
    planned: extentOf(sample, corpus),
    async run({ id }, signal) {
      const unit = known.get(id);
      if (unit === undefined) throw new RangeError(`unit "${id}" was not planned`);
      return watch(await runUnit(desk, unit, signal));
    },
    agreement: async () =>
      judge === undefined || !input.judge?.calibration ? null : calibrate(judge, input.judge.calibration),
  };
}

function settingsOf({ generator }: GenerateInput): OpenaiInput {
  if (generator !== null && 'openai' in generator) return generator.openai;
  throw new WorkerFailure('config', 'InvalidInput', 'input field "generator.openai": is missing');
}

async function plan(
  input: GenerateInput,
  corpus: Corpus,
  settings: OpenaiInput,
): Promise<{ units: PlannedUnit[]; unplanned: ModelGenerator['unplanned'] }> {
  const { chosen, left } = chooseChunks(corpus, input);
  const profiles = await profileChunks(corpus, chosen);
  const { units, unsuitable } = planUnits(corpus, profiles, { ...input, maxShownTokens: shownTokens(settings) });
  const unplanned = [
    ...left.map(({ index }) => ({ chunk: index, reason: 'NO_ROOM' as const })),
    ...unsuitable.map((chunk) => ({ chunk, reason: 'NO_SUITABLE_TASK' as const })),
  ];
  return { units, unplanned };
}

/** The units of the first chunks of the plan, which come from different documents; in the order of the documents. */
function sampleOf(units: readonly PlannedUnit[], chunks = Infinity): PlannedUnit[] {
  const taken = new Set<number>();
  const sample = units.filter(({ chunks: [first = -1] }) => {
    if (taken.size < chunks) taken.add(first);
    return taken.has(first);
  });
  return sample.sort((a, b) => (a.chunks[0] ?? 0) - (b.chunks[0] ?? 0));
}

function extentOf(units: readonly PlannedUnit[], { chunks }: Corpus): Extent {
  const tokensOf = (unit: PlannedUnit): number =>
    unit.shown.reduce((sum, index) => sum + (chunks[index]?.tokens ?? 0), promptTokens);
  return {
    units: units.length,
    rows: units.reduce((sum, { rowsPlanned }) => sum + rowsPlanned, 0),
    promptTokens: units.reduce((sum, unit) => sum + tokensOf(unit), 0),
  };
}

/** Runs of words that only a prompt has: what a task wants may well be said of the project too. */
function promptWordsOf(templates: Templates): Set<string> {
  return new Set(templates.texts().flatMap((text) => [...shinglesOf(text)]));
}
