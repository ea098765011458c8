import type { Draft } from '../checks/draft.ts';
import type { Finding } from '../fact.ts';
import type { PlannedUnit } from '../plan/plan.ts';
import { neighbourOf } from '../plan/neighbours.ts';
import type { Asked } from './ask.ts';
import { shownTokens } from './context.ts';
import type { Desk } from './desk.ts';
import { believe } from './believe.ts';
import { isTwoSteps } from './finding.ts';
import { halve } from './halve.ts';
import { gather, type Material, type Piece } from './material.ts';
import { toRefusal, type WrittenRefusal } from './refusal.ts';
import { writeInTwoSteps } from './two-steps.ts';
import { writeAtOnce } from './write.ts';

/** a chunk is halved this often at the most, when it is too long for the model */
const maxHalvings = 3;

/** A unit, or the part of it that is left after it was found too long. */
interface Part {
  unit: PlannedUnit;
  pieces: readonly Piece[];
  halvings: number;
  /** what was paid for answers that were cut */
  spent: number;
}

/** Everything that a unit comes to: facts that stood all checks, and what did not, with the reason. */
export async function runUnit(desk: Desk, unit: PlannedUnit, signal: AbortSignal): Promise<Finding[]> {
  const pieces = unit.shown.flatMap((index): Piece[] => {
    const chunk = desk.corpus.chunks[index];
    return chunk === undefined ? [] : [{ chunk, start: chunk.start, end: chunk.end }];
  });
  return runPart(desk, { unit, pieces, halvings: 0, spent: 0 }, signal);
}

async function runPart(desk: Desk, part: Part, signal: AbortSignal): Promise<Finding[]> {
  signal.throwIfAborted();
  const material = await gather(desk.corpus, part.pieces, desk.input.chunking.overlapSentences);
  const project = projectOf(desk, material);
  const written = await writeDrafts(desk, part.unit, material, project);
  const cost = part.spent + written.cost;
  if ('value' in written) return believeAll(desk, part.unit, { ...written.value, project, cost }, signal);
  const halves = isTooLong(written.reason) ? halvesOf({ ...part, spent: cost }, material) : undefined;
  if (halves === undefined) return [{ refusal: toRefusal({ ...written, cost, row: null }, placeOf(material)) }];
  const found: Finding[] = [];
  for (const half of halves) found.push(...(await runPart(desk, half, signal)));
  return found;
}

const isTooLong = (reason: string): boolean => reason === 'TOO_LONG_FOR_MODEL' || reason === 'CUT';
const placeOf = ({ pieces }: Material): number => pieces[0]?.start ?? 0;

function projectOf({ corpus }: Desk, { pieces }: Material): string {
  const source = corpus.documents[pieces[0]?.chunk.document ?? -1]?.source ?? '';
  return corpus.project(source) || source;
}

interface Drafts {
  drafts: Draft[];
  refusals: WrittenRefusal[];
  /** what the answers were written from */
  material: Material;
}

async function believeAll(
  desk: Desk,
  unit: PlannedUnit,
  { drafts, refusals, material, project, cost }: Drafts & { project: string; cost: number },
  signal: AbortSignal,
): Promise<Finding[]> {
  // what was paid for the request is shared by what it gave
  const share = cost / Math.max(1, drafts.length + refusals.length);
  const at = placeOf(material);
  const findings: Finding[] = refusals.map((refusal) => ({ refusal: toRefusal({ ...refusal, cost: share }, at) }));
  for (const [index, draft] of drafts.entries()) {
    signal.throwIfAborted();
    const isExtra = index >= unit.facts;
    findings.push(await believe(desk, unit, { draft, material, project, cost: share, isExtra }));
  }
  if (findings.length > 0) return findings;
  const nothing = { reason: 'NO_FACTS', detail: 'the model found nothing to ask', cost, row: null };
  return [{ refusal: toRefusal(nothing, at) }];
}

async function writeDrafts(desk: Desk, unit: PlannedUnit, material: Material, project: string): Promise<Asked<Drafts>> {
  if (!isTwoSteps(desk.settings.steps, unit)) {
    const asked = await writeAtOnce(desk, unit, material, project);
    return 'value' in asked ? { value: { drafts: asked.value, refusals: [], material }, cost: asked.cost } : asked;
  }
  const wider = await widen(desk, unit, material);
  const asked = await writeInTwoSteps(desk, unit, { material, wider }, project);
  return 'value' in asked ? { value: { ...asked.value, material: wider }, cost: asked.cost } : asked;
}

/** An answer may take in what stands beside the chunk. */
async function widen(
  { corpus, settings, input, sideOf }: Desk,
  { shown }: PlannedUnit,
  material: Material,
): Promise<Material> {
  const [only] = material.pieces;
  if (only === undefined || shown.length > 1) return material;
  const neighbour = neighbourOf(corpus, only.chunk, shownTokens(settings), sideOf);
  if (neighbour === undefined) return material;
  const beside = { chunk: neighbour, start: neighbour.start, end: neighbour.end };
  return gather(corpus, [only, beside], input.chunking.overlapSentences);
}

/** Halves of tasks that need several chunks together would be other tasks. */
function halvesOf({ unit, halvings, spent }: Part, material: Material): Part[] | undefined {
  if (halvings >= maxHalvings || unit.group === 'joined' || unit.group === 'across') return undefined;
  const [passage] = material.passages;
  const textOf = ({ start, end }: Piece): string =>
    passage?.text.slice(start - passage.start, end - passage.start) ?? '';
  const halves = halve(material.pieces, textOf);
  return halves?.map((pieces, index) => ({
    unit: halfOf(unit, index),
    pieces,
    halvings: halvings + 1,
    spent: index === 0 ? spent : 0,
  }));
}

/** Every second fact of the unit, and one at least. */
function halfOf(unit: PlannedUnit, half: number): PlannedUnit {
  const all = unit.tasks.flatMap(({ task, count }) => Array.from({ length: count }, () => task));
  const own = all.filter((_, index) => all.length === 1 || index % 2 === half);
  const tasks = [...Map.groupBy(own, (task) => task)].map(([task, list]) => ({ task, count: list.length }));
  return { ...unit, tasks, facts: own.length };
}
