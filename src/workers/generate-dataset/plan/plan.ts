import { createHash } from 'node:crypto';
import type { GenerateInput } from '../../../contract/inputs.ts';
import type { ChunkHead, Corpus, Unit } from '../corpus.ts';
import type { WritableTask } from '../prompts/catalog.ts';
import { foreseeSides } from '../split/foresee.ts';
import type { Pins } from '../split/group.ts';
import { drawTasks } from './draw.ts';
import { suits } from './features.ts';
import { groupOf, mixOf, type Group } from './mix.ts';
import { longRunFrom, neighbourOf, type SideOf } from './neighbours.ts';
import { findPartners } from './partners.ts';
import { personaFor } from './personas.ts';
import type { Profile } from './profile.ts';

/** One request, or one and its answers: tasks of one group about the same chunks, in one language, asked by one persona. */
export interface PlannedUnit extends Unit {
  group: Group;
  /** all chunks that are shown; those besides its own have units of their own */
  shown: readonly number[];
  tasks: { task: WritableTask; count: number }[];
  facts: number;
  language: 'zh' | 'en';
  persona: string;
}

export interface Plan {
  units: PlannedUnit[];
  /** chunks that no task suits */
  unsuitable: number[];
  sideOf: SideOf;
}

type PlannedCorpus = Pick<Corpus, 'documents' | 'chunks'>;

export type PlanInput = Pick<GenerateInput, 'tasks' | 'language' | 'personas' | 'rows' | 'split'> & {
  /** tokens of documents that one prompt may show */
  maxShownTokens: number;
  /** what the version before moved */
  pins?: Pins | undefined;
};

/** What to ask about each chunk, in the order of the chunks given. The same texts and settings give the same plan. */
export function planUnits(corpus: PlannedCorpus, profiles: readonly Profile[], input: PlanInput): Plan {
  const documents = new Set(profiles.map(({ chunk }) => chunk.document)).size;
  const sideOf = foreseeSides(corpus, input.split, input.pins, documents);
  const plan: Plan = { units: [], unsuitable: [], sideOf };
  const around = surroundings(corpus, profiles, input.maxShownTokens, sideOf);
  const mix = mixOf(input);
  for (const profile of profiles) {
    const companions = around(profile);
    const suitable = mix
      .map(({ type }) => type)
      .filter((task) => suits(task, profile) || companions.has(groupOf(task)));
    const { digest, quota: slots } = profile;
    const tasks = drawTasks({ seed: input.split.seed, digest, slots, suitable, mix });
    if (tasks.length === 0) plan.unsuitable.push(profile.chunk.index);
    const language = input.language === 'Document' ? profile.language : input.language;
    for (const [key, own] of byRequest(tasks, profile, language)) {
      const [group, spoken] = key.split(' ') as [Group, 'zh' | 'en'];
      const chunks = [profile.chunk, ...(companions.get(group) ?? [])];
      plan.units.push(makeUnit({ group, language: spoken, chunks, tasks: own, digest }, input));
    }
  }
  return plan;
}

type Companions = ReadonlyMap<Group, readonly ChunkHead[]>;

/** The other chunks that tasks over several chunks would take in, by group. */
function surroundings(
  corpus: PlannedCorpus,
  profiles: readonly Profile[],
  maxTokens: number,
  sideOf: SideOf,
): (profile: Profile) => Companions {
  const linkable = ({ chunk, terms }: Profile) => ({ ...chunk, terms, side: sideOf(chunk.index) });
  const partnerOf = findPartners(profiles.map(linkable));
  return (profile) => {
    const { chunk } = profile;
    const companions = new Map<Group, readonly ChunkHead[]>();
    const neighbour = neighbourOf(corpus, chunk, maxTokens, sideOf);
    if (neighbour !== undefined) companions.set('joined', [neighbour]);
    const partner = corpus.chunks[partnerOf(linkable(profile), maxTokens) ?? -1];
    if (partner !== undefined) companions.set('across', [partner]);
    const run = longRunFrom(corpus, chunk, maxTokens, sideOf);
    if (run !== undefined) companions.set('long', run.slice(1));
    return companions;
  };
}

/** Tasks that one request can ask for, by group and language. */
function byRequest(
  tasks: readonly WritableTask[],
  { digest }: Profile,
  language: 'zh' | 'en' | 'Both',
): Map<string, WritableTask[]> {
  const first = Number.parseInt(digest.slice(0, 8), 16) % 2;
  const languageOf = (slot: number): 'zh' | 'en' => {
    if (language !== 'Both') return language;
    return (slot + first) % 2 === 0 ? 'en' : 'zh';
  };
  const indexes = Map.groupBy(tasks.entries(), ([slot, task]) => `${groupOf(task)} ${languageOf(slot)}`);
  return new Map([...indexes].map(([key, entries]) => [key, entries.map(([, task]) => task)]));
}

function makeUnit(
  about: { group: Group; language: 'zh' | 'en'; chunks: readonly ChunkHead[]; tasks: WritableTask[]; digest: string },
  { personas, rows, split }: PlanInput,
): PlannedUnit {
  const { group, language, chunks, tasks, digest } = about;
  const ids = chunks.map(({ id }) => id);
  const id = createHash('sha256')
    .update(JSON.stringify([group, language, ids]))
    .digest('hex')
    .slice(0, 32);
  const counts = Map.groupBy(tasks, (task) => task);
  // these have one wording: a conversation is one, and a long text is not repeated
  const wordings = group === 'conversation' || group === 'long' ? 1 : rows.wordings;
  return {
    id,
    chunks: chunks.slice(0, 1).map(({ index }) => index),
    shown: chunks.map(({ index }) => index),
    rowsPlanned: tasks.length * wordings,
    group,
    tasks: [...counts].map(([task, all]) => ({ task, count: all.length })),
    facts: tasks.length,
    language,
    persona: personaFor(personas, split.seed, `${digest} ${group} ${language}`),
  };
}
