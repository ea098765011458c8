import type { Task } from '../../src/contract/rows.ts';

const judge = { minRelevance: 2, requireSelfContained: true, votes: 1, calibration: null } as const;

/** Input of a judge; runModel puts in the endpoint. */
export const judged = { judge: judge as never };

export const sentence = (name: string, verb: string): string =>
  `The ${name} ${verb} the given path as soon as it is asked to do so by its caller.`;
export const page = (name: string, more = ''): string =>
  `# ${name}\n\n${['opens', 'closes', 'reads', 'writes'].map((verb) => `## ${verb}\n\n${sentence(name, verb)} ${'Filler text of the manual. '.repeat(12)}`).join('\n\n')}\n${more}`;
/** Pages of a manual, each with four sections. */
export const pages = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}.md`, page(`Part${at}`)]));
/** one chunk a section */
export const small = { targetTokens: 100, maxTokens: 300 };
export const onlyTask = (type: Task) => ({ tasks: [{ type, weight: 1 }] });
