import { hashShare } from '../split/hash.ts';
import { isRefusing } from '../checks/draft.ts';
import { isOnce, type Weighted } from './mix.ts';
import type { WritableTask } from '../prompts/catalog.ts';

export interface Draw {
  seed: number;
  /** digest of the text, so that a chunk is asked the same as long as it says the same */
  digest: string;
  slots: number;
  suitable: readonly WritableTask[];
  mix: readonly Weighted[];
}

/**
 * The tasks of a chunk by weight. What has no straight answer comes on top by its own chance, so that its share is that of
 * the mix even where few other tasks suit; it takes the last place of several, so that each chunk has a straight answer.
 */
export function drawTasks({ seed, digest, slots, suitable, mix }: Draw): WritableTask[] {
  const share = (slot: number, purpose: string): number => hashShare(seed, purpose, `${digest} ${slot}`);
  const able = mix.filter(({ type }) => suitable.includes(type));
  const refusing = able.filter(({ type }) => isRefusing(type));
  let straight = able.filter(({ type }) => !isRefusing(type));
  if (straight.length === 0) straight = refusing;
  const drawn: WritableTask[] = [];
  for (let slot = 0; slot < slots && straight.length > 0; slot += 1) {
    const task = pick(straight, share(slot, 'task'));
    drawn.push(task);
    if (isOnce(task) && straight.length > 1) straight = straight.filter(({ type }) => type !== task);
  }
  if (refusing.length === 0 || straight === refusing) return drawn;
  const chance = weightOf(refusing) / weightOf(mix);
  const added = Array.from({ length: slots }, (_, slot) => slot)
    .filter((slot) => share(slot, 'refusing') < chance)
    .map((slot) => pick(refusing, share(slot, 'refusing task')));
  return [...drawn.slice(0, Math.max(slots > 1 ? 1 : 0, slots - added.length)), ...added].slice(0, slots);
}

const weightOf = (tasks: readonly Weighted[]): number => tasks.reduce((sum, { weight }) => sum + weight, 0);

function pick(tasks: readonly Weighted[], share: number): WritableTask {
  let rest = share * weightOf(tasks);
  const found = tasks.find(({ weight }) => (rest -= weight) < 0) ?? tasks.at(-1);
  if (found === undefined) throw new RangeError('no task to choose from');
  return found.type;
}
