import { digestOf, sha256, type Chat } from './chat.ts';
import type { Fault } from './faults.ts';

/** Which fault the requests meet. */
export interface Script {
  /** given to the next requests, one each */
  next: Fault[];
  /** given to every request that nothing else is for */
  always: Fault;
  /** given to the first try of this share (0 to 1) of all prompts: by their content, so that the order does not matter */
  mix: { share: number; faults: readonly Fault[] };
}

export function createScript(given: Partial<Script>) {
  const script: Script = { next: [], always: 'none', mix: { share: 0, faults: [] }, ...given };
  const tried = new Set<string>();

  const fromMix = (chat: Chat): Fault | undefined => {
    const { share, faults } = script.mix;
    const prompt = digestOf(chat);
    if (faults.length === 0 || tried.has(prompt)) return undefined;
    tried.add(prompt);
    const draw = Number.parseInt(sha256(`mix ${prompt}`).slice(0, 12), 16);
    return (draw % 1e6) / 1e6 < share ? faults[draw % faults.length] : undefined;
  };

  return {
    change: (changes: Partial<Script>): Script => Object.assign(script, changes),
    faultFor: (chat: Chat): Fault => script.next.shift() ?? fromMix(chat) ?? script.always,
  };
}
