import type { GenerateInput, OpenaiInput } from '../../../contract/inputs/generate.ts';
import { WorkerFailure } from '../../shell/failure.ts';
import { shinglesOf } from '../checks/copied.ts';
import type { Corpus, Generator, Unplanned } from '../corpus.ts';
import { calibrate, readCalibration, type Agreement } from '../judge/calibrate.ts';
import { openJudge } from '../judge/judge.ts';
import { limitUnits, unitKeys, type Growth } from '../plan/growth.ts';
import { planUnits, type Plan, type PlannedUnit } from '../plan/plan.ts';
import { profileChunks } from '../plan/profile.ts';
import { chooseChunks } from '../plan/quota.ts';
import { builtInTemplates } from '../prompts/catalog.ts';
import { loadTemplates, type Templates } from '../prompts/load.ts';
import { promptTokens, shownTokens } from './context.ts';
import type { Desk, ModelAsker } from './desk.ts';
import type { Extent } from './estimate.ts';
import { runUnit } from './unit.ts';
import { createFormWatch, isUnwritten } from './watch.ts';

export interface ModelGeneratorOptions {
  input: GenerateInput;
  corpus: Corpus;
  askers: { write: ModelAsker; judge?: ModelAsker; gap?: ModelAsker };
  /** undefined without a version before */
  growth?: Growth;
}

export interface ModelGenerator extends Generator {
  /** digest of each prompt template by its name */
  prompts: Record<string, string>;
  /** usable chunks that nothing is asked about */
  unplanned: Unplanned[];
  /** keys of what is asked, for the growth of the next version */
  asked: readonly string[];
  /** of all units, and of those of this run: they differ with `preview` only */
  whole: Extent;
  planned: Extent;
  agreement(): Promise<Agreement>;
}

/** A generator that lets a model write, and believes nothing that the documents do not say. */
export async function openModelGenerator({
  input,
  corpus,
  askers,
  growth,
}: ModelGeneratorOptions): Promise<ModelGenerator> {
  const settings = settingsOf(input);
  const calibration = input.judge?.calibration ? await readCalibration(input.judge.calibration) : [];
  const templates = await loadTemplates(input.prompts);
  const prompt = templates.digest([...builtInTemplates.keys()]);
  const planned = await plan(input, corpus, settings, growth);
  const keys = await unitKeys(planned.units, corpus, [identityOf(settings), prompt]);
  const { units, unplanned } = grown(planned, keys, growth);
  const sample = sampleOf(units, input.preview?.chunks);
  const judge =
    input.judge === null || askers.judge === undefined ? undefined : openJudge(input.judge, askers.judge, templates);
  const desk: Desk = {
    input,
    settings,
    corpus,
    sideOf: planned.sideOf,
    templates,
    promptWords: promptWordsOf(templates),
    asker: askers.write,
    judge,
    gap: askers.gap,
  };
  const watch = createFormWatch('spec.generator.openai', sample.length);
  const known = new Map(sample.map((unit) => [unit.id, unit]));
  return {
    about: { name: 'openai', model: settings.model, prompt },
    units: sample,
    prompts: templates.digests(),
    unplanned,
    asked: sample.flatMap(({ id }) => keys.get(id) ?? []).sort(),
    whole: extentOf(units, corpus),
    planned: extentOf(sample, corpus),
    async run({ id }, signal) {
      const unit = known.get(id);
      if (unit === undefined) throw new RangeError(`unit "${id}" was not planned`);
      const findings = await runUnit(desk, unit, signal);
      watch(isUnwritten(findings));
      return findings;
    },
    agreement: async () => (judge === undefined ? { kappa: null } : calibrate(judge, calibration)),
  };
}

function settingsOf({ generator }: GenerateInput): OpenaiInput {
  if (generator !== null && 'openai' in generator) return generator.openai;
  throw new WorkerFailure('config', 'InvalidInput', 'input field "generator.openai": is missing');
}

interface Planned extends Pick<Plan, 'sideOf'> {
  units: PlannedUnit[];
  unplanned: Unplanned[];
}

/** What decides an answer besides the prompt; where the model is reached does not. */
const identityOf = ({ model, temperature, questionTemperature, steps, maxTokens }: OpenaiInput) => [
  ...[model, temperature, questionTemperature, steps, maxTokens],
];

/** Of a plan what a growing dataset may ask for; chunks that must wait for a later version are told. */
function grown(
  { units, unplanned }: Pick<Planned, 'units' | 'unplanned'>,
  keys: ReadonlyMap<string, string>,
  growth: Growth | undefined,
): Pick<Planned, 'units' | 'unplanned'> {
  if (growth === undefined) return { units, unplanned };
  const { allowed, waiting } = limitUnits(units, keys, growth);
  const asked = new Set(allowed.flatMap(({ chunks }) => chunks));
  const left = new Set(waiting.flatMap(({ chunks }) => chunks).filter((chunk) => !asked.has(chunk)));
  const detail = 'growth.maxFraction has no room for it in this version';
  return {
    units: allowed,
    unplanned: [...unplanned, ...[...left].map((chunk) => ({ chunk, reason: 'NO_ROOM', detail }))],
  };
}

async function plan(
  input: GenerateInput,
  corpus: Corpus,
  settings: OpenaiInput,
  growth: Growth | undefined,
): Promise<Planned> {
  const { chosen, left } = chooseChunks(corpus, input);
  const profiles = await profileChunks(corpus, chosen);
  const planned = { ...input, maxShownTokens: shownTokens(settings), pins: growth?.pins };
  const { units, unsuitable, sideOf } = planUnits(corpus, profiles, planned);
  const unplanned = [
    ...left.map(({ index }) => ({ chunk: index, reason: 'NO_ROOM', detail: 'rows.max has no room for it' })),
    ...unsuitable.map((chunk) => ({ chunk, reason: 'NO_SUITABLE_TASK', detail: 'none of the tasks suits it' })),
  ];
  return { units, unplanned, sideOf };
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
