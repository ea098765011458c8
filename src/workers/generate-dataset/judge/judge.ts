import type { GenerateInput } from '../../../contract/inputs/generate.ts';
import type { Asker } from '../../model-endpoint/open-asker.ts';
import type { Outcome } from '../../model-endpoint/outcome.ts';
import type { Message } from '../../model-endpoint/question.ts';
import { asData, showDocuments, type Shown } from '../prompts/documents.ts';
import { createFormWatch, isFormless } from '../model/watch.ts';
import type { Templates } from '../prompts/load.ts';
import { type AloneVerdict, aloneExample, aloneForm, verdictExample, verdictForm } from './forms.ts';
import { isAtBorder, majority, turnsDown, type Verdict } from './verdict.ts';

/** What is judged. */
export interface Case {
  project: string;
  /** documents that the answer is held against; none for a row that was made elsewhere */
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

/** A model that sees documents, question, answer and evidence. At the border as many votes decide as are asked for. */
export function openJudge(settings: JudgeSettings, asker: Pick<Asker, 'askFor'>, templates: Templates): Judge {
  const watch = createFormWatch('spec.judge.openai');
  const vote = async (about: Case, seedIndex: number): Promise<Outcome<Verdict>> => {
    const sampling = { temperature: seedIndex === 0 ? 0 : voteTemperature, seedIndex };
    if (about.shown.length > 0) {
      const user = `${showDocuments(about.shown)}\n\n${taskFor(about, templates)}`;
      return asker.askFor({ messages: messagesOf(templates.fill('judge-system'), user), ...sampling }, verdictForm);
    }
    const messages = messagesOf(templates.fill('judge-alone-system'), taskAlone(about, templates));
    const outcome = await asker.askFor({ messages, ...sampling }, aloneForm);
    return 'value' in outcome ? { ...outcome, value: verdictOf(outcome.value) } : outcome;
  };
  return {
    name: settings.endpoint.model,
    asker,
    async judge(about) {
      const first = await vote(about, 0);
      watch('reason' in first && isFormless(first.reason));
      let cost = first.cost ?? 0;
      if (!('value' in first)) return { reason: first.reason, detail: first.detail, cost };
      const verdicts: Verdict[] = [first.value];
      for (let index = 1; index < settings.votes && isAtBorder(first.value, settings); index += 1) {
        const next = await vote(about, index);
        cost += next.cost ?? 0;
        if ('value' in next) verdicts.push(next.value);
      }
      const verdict = majority(verdicts, settings) ?? first.value;
      const fault = turnsDown(verdict, settings);
      const isUnsound = fault === 'UNFAITHFUL' && about.shown.length === 0;
      return { verdict, fault: isUnsound ? 'UNSOUND' : fault, cost };
    },
  };
}

const messagesOf = (system: string, user: string): Message[] => [
  { role: 'system', content: system },
  { role: 'user', content: user },
];

/** Without documents there are no claims to hold against them. */
const verdictOf = ({ sound, ...rest }: AloneVerdict): Verdict => ({
  ...rest,
  claims: [],
  faithful: sound,
});

const taskAlone = ({ questions, answer }: Case, templates: Templates): string =>
  templates.fill('judge-alone', {
    question: asData(questions.join('\n')),
    answer: asData(answer),
    example: aloneExample,
  });

const taskFor = ({ project, questions, answer, evidence }: Case, templates: Templates): string =>
  templates.fill('judge', {
    project,
    question: asData(questions.join('\n')),
    answer: asData(answer),
    evidence: asData(evidence.join('\n')),
    example: verdictExample,
  });
