import { languageOf } from '../chunk/tokens.ts';
import type { Fact, Refusal } from '../fact.ts';
import type { Conversation, Fault } from './conversation.ts';

/** A conversation as a fact: nothing proves it but the one who brought it, so it has no evidence. */
export function factOf({ system, turns, task, group, reasoning, references }: Conversation, place: string): Fact {
  const earlier = turns.slice(0, -1);
  const { question, answer } = turns.at(-1) ?? { question: '', answer: '' };
  return {
    task: task ?? (earlier.length > 0 ? 'multiTurn' : 'other'),
    language: languageOf(`${question}\n${answer}`),
    questions: [question],
    answer,
    evidence: [],
    // rows with the same first two headings are one section, which stays on one side of the split
    heading: ['group', group ?? place, place],
    weight: 1,
    ...(system === undefined ? {} : { system }),
    ...(earlier.length === 0 ? {} : { earlier }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(references === undefined ? {} : { references }),
  };
}

const longestDetail = 512;
/** characters of a bad row that are kept to find it again */
const longestSample = 2048;

export function refusalOf({ reason, detail }: Fault, place?: string, value?: unknown): { refusal: Refusal } {
  const shown = detail.slice(0, longestDetail);
  return {
    refusal: {
      reason,
      stage: 'import',
      detail: place === undefined ? `the file ${shown}` : `${place}: ${shown}`,
      at: 0,
      row: value === undefined ? null : sampleOf(value),
    },
  };
}

function sampleOf(value: unknown): unknown {
  let json: string;
  try {
    json = JSON.stringify(value);
  } catch {
    // it parses deeper than it can be written
    return null;
  }
  return json.length <= longestSample ? value : { start: json.slice(0, longestSample) };
}
