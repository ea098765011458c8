import { checkDraft, type Checked } from '../checks/check.ts';
import { isRefusing, type Draft, type Scene } from '../checks/draft.ts';
import type { Finding } from '../fact.ts';
import type { PlannedUnit } from '../plan/plan.ts';
import type { Desk } from './desk.ts';
import { toFact } from './finding.ts';
import { askClosedBook } from './gap.ts';
import { judgeDraft, type Judgement } from './judged.ts';
import type { Material } from './material.ts';
import { toRefusal } from './refusal.ts';
import { answerOne } from './two-steps.ts';

/** A draft with what it was made from. */
export interface Written {
  draft: Draft;
  material: Material;
  project: string;
  /** what it cost so far */
  cost: number;
  /** whether it is one more than was asked for */
  isExtra: boolean;
}

type Standing = Written & { checked: Checked };
type Fault = NonNullable<Judgement['fault']>;

/** Check a draft, let it be judged, and ask the base model: the cheap before the dear. */
export async function believe(desk: Desk, unit: PlannedUnit, written: Written): Promise<Finding> {
  const { draft, material, project, cost } = written;
  const problem = isUnasked(unit, written);
  if (problem !== undefined) return refuse(written, { reason: 'NOT_ASKED_FOR', detail: problem }, cost, 'check');
  const checked = await checkDraft(draft, sceneOf(desk, material, project));
  if ('problem' in checked) return refuse(written, checked.problem, cost, 'check');
  const apart = isInOnePlace(unit, checked, material);
  if (apart !== undefined) return refuse(written, { reason: 'ONE_PLACE', detail: apart }, cost, 'check');
  const standing = { ...written, checked };
  const judgement = await judgeDraft(desk, draft, checked, material, project);
  if (judgement.fault !== undefined) return tryAgain(desk, unit, standing, judgement.fault, cost + judgement.cost);
  return weigh(desk, unit, standing, { scores: judgement.scores, cost: cost + judgement.cost });
}

function isUnasked({ tasks }: PlannedUnit, { draft, isExtra }: Written): string | undefined {
  if (isExtra) return 'more facts than asked for';
  return tasks.some(({ task }) => task === draft.task) ? undefined : `the task "${draft.task}" was not asked for`;
}

/** A fact that is said to need several places takes its evidence from more than one. */
function isInOnePlace({ group }: PlannedUnit, { evidence }: Checked, { pieces }: Material): string | undefined {
  if (group !== 'joined' && group !== 'across') return undefined;
  const isFrom = ({ chunk, start, end }: Material['pieces'][number]): boolean =>
    evidence.some((span) => span.document === chunk.document && span.start < end && span.end > start);
  return pieces.every(isFrom) ? undefined : 'the evidence comes from one of the parts alone';
}

function refuse(
  { draft, material }: Written,
  { reason, detail, verdict }: Fault,
  cost: number,
  stage: 'check' | 'judge',
): Finding {
  const row = verdict === undefined ? draft : { ...draft, verdict };
  return { refusal: toRefusal({ reason, detail, cost, row }, material.pieces[0]?.start ?? 0, stage) };
}

const sceneOf = ({ corpus, input, promptWords }: Desk, { passages }: Material, project: string): Scene => ({
  project,
  passages,
  knowsSymbol: (name) => corpus.knowsSymbol(name),
  promptWords,
  areSymbolsChecked: input.quality.symbols === 'Check',
  isCodeParsed: input.quality.code === 'Parse',
});

/** What the judge says of the answer, not of the question, may be mended: once, with the reason at hand. */
const mendable = new Set(['UNFAITHFUL', 'WRONG_CODE', 'IRRELEVANT']);

async function tryAgain(
  desk: Desk,
  unit: PlannedUnit,
  standing: Standing,
  fault: Fault,
  spent: number,
): Promise<Finding> {
  const { draft, material, project } = standing;
  const [question] = standing.checked.questions;
  const isMendable = mendable.has(fault.reason) && draft.earlier === undefined && question !== undefined;
  if (!isMendable) return refuse(standing, fault, spent, 'judge');
  const turnedDown = { answer: draft.answer, reason: fault.detail };
  const answered = await answerOne(desk, { ...draft, question }, material, project, turnedDown);
  let cost = spent + answered.cost;
  if ('reason' in answered || answered.value.answer === draft.answer) return refuse(standing, fault, cost, 'judge');
  const second = { ...draft, ...answered.value };
  const checked = await checkDraft(second, sceneOf(desk, material, project));
  if ('problem' in checked) return refuse(standing, fault, cost, 'judge');
  const judgement = await judgeDraft(desk, second, checked, material, project);
  cost += judgement.cost;
  if (judgement.fault !== undefined) return refuse(standing, fault, cost, 'judge');
  const better = { ...standing, draft: second, checked };
  return weigh(desk, unit, better, { scores: judgement.scores, cost, worse: draft.answer });
}

/** A fact that the base model does not know yet is worth more. */
async function weigh(
  desk: Desk,
  unit: PlannedUnit,
  { draft, checked, material }: Standing,
  worth: Parameters<typeof toFact>[3],
): Promise<Finding> {
  const [question] = checked.questions;
  const isKnowable = !isRefusing(draft.task) && draft.earlier === undefined && unit.group !== 'long';
  if (desk.gap === undefined || !isKnowable || question === undefined)
    return { fact: toFact(desk, unit, { draft, checked, material }, worth) };
  const { known, cost } = await askClosedBook(desk.gap, question, draft.answer);
  const scores = known === undefined ? worth.scores : { ...worth.scores, knownBefore: known };
  return { fact: toFact(desk, unit, { draft, checked, material }, { ...worth, scores, cost: worth.cost + cost }) };
}
