import type { GenerateInput } from '../../../contract/inputs/generate.ts';
import type { Asker } from '../../model-endpoint/open-asker.ts';
import { asData, showDocuments, type Shown } from '../prompts/documents.ts';
import type { Templates } from '../prompts/load.ts';
import { verdictExample, verdictForm } from './forms.ts';
import { isAtBorder, majority, turnsDown, type Verdict } from './verdict.ts';

/** What is judged. */
export interface Case {
  project: string;
  shown: readonly Shown[];
  /** in all its wordings */
  questions: readonly string[];
  answer: string;
  evidence: readonly string[];
}

export type Judged =
  | { verdict: Verdict; /** why it is turned down */ fault: string | undefined; cost: number }
  | { reason: string; detail: string; cost: number };

export interface Judge {
  /** name of the model */
  name: string;
  judge(about: Case): Promise<Judged>;
  /** the asker of the judge, for the round trip */
  asker: Pick<Asker, 'askFor'>;
}

type JudgeSettings = NonNullable<GenerateInput['judge']>;

/** another look at the same must be able to differ */
const voteTemperature = 0.7;

/** A model that sees documents, question, answer and evidence. At the border three votes decide where so many are asked for. */
export function openJudge(settings: JudgeSettings, asker: Pick<Asker, 'askFor'>, templates: Templates): Judge {
  const vote = (about: Case, seedIndex: number) => {
    const messages = [
      { role: 'system' as const, content: templates.fill('judge-system') },
      { role: 'user' as const, content: `${showDocuments(about.shown)}\n\n${taskFor(about, templates)}` },
    ];
    const temperature = seedIndex === 0 ? 0 : voteTemperature;
    return asker.askFor({ messages, temperature, seedIndex }, verdictForm);
  };
  return {
    name: settings.endpoint.model,
    asker,
    async judge(about) {
      const first = await vote(about, 0);
      let cost = first.cost ?? 0;
      if (!('value' in first)) return { reason: first.reason, detail: first.detail, cost };
      const verdicts: Verdict[] = [first.value];
      for (let index = 1; settings.votes === 3 && index < 3 && isAtBorder(first.value, settings); index += 1) {
        const next = await vote(about, index);
        cost += next.cost ?? 0;
        if ('value' in next) verdicts.push(next.value);
      }
      const verdict = majority(verdicts, settings) ?? first.value;
      return { verdict, fault: turnsDown(verdict, settings), cost };
    },
  };
}

const taskFor = ({ project, questions, answer, evidence }: Case, templates: Templates): string =>
  templates.fill('judge', {
    project,
    question: asData(questions.join('\n')),
    answer: asData(answer),
    evidence: asData(evidence.join('\n')),
    example: verdictExample,
  });
