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

/** Everything that a unit comes to: facts that stood all checks, and what did not, with the reason. */
export async function runUnit(desk: Desk, unit: PlannedUnit, signal: AbortSignal): Promise<Finding[]> {
  const pieces = unit.shown.flatMap((index): Piece[] => {
    const chunk = desk.corpus.chunks[index];
    return chunk === undefined ? [] : [{ chunk, start: chunk.start, end: chunk.end }];
  });
  return runPieces(desk, unit, pieces, maxHalvings, signal);
}

async function runPieces(
  desk: Desk,
  unit: PlannedUnit,
  pieces: readonly Piece[],
  halvings: number,
  signal: AbortSignal,
): Promise<Finding[]> {
  signal.throwIfAborted();
  const material = await gather(desk.corpus, pieces);
  const project = projectOf(desk, material);
  const written = await writeDrafts(desk, unit, material, project);
  if (!('value' in written)) {
    const halves = isTooLong(written.reason) && halvings > 0 ? halvesOf(unit, material) : undefined;
    if (halves === undefined) return [{ refusal: toRefusal({ ...written, row: null }, placeOf(material)) }];
    const found: Finding[] = [];
    for (const half of halves) found.push(...(await runPieces(desk, half.unit, half.pieces, halvings - 1, signal)));
    return found;
  }
  const { drafts, refusals } = written.value;
  // what was paid for the request is shared by what it gave
  const share = written.cost / Math.max(1, drafts.length + refusals.length);
  const findings: Finding[] = refusals.map((refusal) => ({
    refusal: toRefusal({ ...refusal, cost: share }, placeOf(material)),
  }));
  for (const [index, draft] of drafts.entries()) {
    signal.throwIfAborted();
    const isExtra = index >= unit.facts;
    findings.push(await believe(desk, unit, { draft, material, project, cost: share, isExtra }));
  }
  if (findings.length > 0) return findings;
  const nothing = { reason: 'NO_FACTS', detail: 'the model found nothing to ask', cost: share, row: null };
  return [{ refusal: toRefusal(nothing, placeOf(material)) }];
}

const placeOf = ({ pieces }: Material): number => pieces[0]?.start ?? 0;
const isTooLong = (reason: string): boolean => reason === 'TOO_LONG_FOR_MODEL' || reason === 'CUT';

function projectOf({ corpus }: Desk, { pieces }: Material): string {
  const source = corpus.documents[pieces[0]?.chunk.document ?? -1]?.source ?? '';
  return corpus.project(source) || source;
}

type Written = { drafts: Draft[]; refusals: WrittenRefusal[] };

async function writeDrafts(
  desk: Desk,
  unit: PlannedUnit,
  material: Material,
  project: string,
): Promise<Asked<Written>> {
  if (isTwoSteps(desk.settings.steps, unit)) {
    const wider = await widen(desk, unit, material);
    return writeInTwoSteps(desk, unit, { material, wider }, project);
  }
  const asked = await writeAtOnce(desk, unit, material, project);
  return 'value' in asked ? { value: { drafts: asked.value, refusals: [] }, cost: asked.cost } : asked;
}

/** An answer may take in what stands beside the chunk. */
async function widen({ corpus, settings }: Desk, { shown }: PlannedUnit, material: Material): Promise<Material> {
  const [only] = material.pieces;
  if (only === undefined || shown.length > 1) return material;
  const neighbour = neighbourOf(corpus, only.chunk, shownTokens(settings));
  if (neighbour === undefined) return material;
  return gather(corpus, [only, { chunk: neighbour, start: neighbour.start, end: neighbour.end }]);
}

/** Halves of tasks that need several chunks together would be other tasks. */
function halvesOf(unit: PlannedUnit, material: Material): { unit: PlannedUnit; pieces: Piece[] }[] | undefined {
  if (unit.group === 'joined' || unit.group === 'across') return undefined;
  const [passage] = material.passages;
  const textOf = ({ start, end }: Piece): string =>
    passage?.text.slice(start - passage.start, end - passage.start) ?? '';
  const facts = Math.ceil(unit.facts / 2);
  return halve(material.pieces, textOf)?.map((pieces) => ({ unit: { ...unit, facts }, pieces }));
}
