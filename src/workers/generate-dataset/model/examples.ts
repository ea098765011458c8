import type { Group } from '../plan/mix.ts';

/** An answer in each form, as the prompts show it. */
const fact = {
  task: 'factual',
  questions: ['What does the retries option of Acme do?', 'In Acme, what is retries for?'],
  answer: 'It sets how often a failed request is sent again.',
  evidence: ['`retries`: how often a failed request is sent again'],
};

const reasoned = {
  ...fact,
  task: 'reasoning',
  questions: ['How many requests does Acme send at most with retries set to 2?'],
  answer: 'Three at most.',
  reasoning: 'retries is how often a failed request is sent again. The first one and two more are three.',
};

const refusing = {
  ...fact,
  task: 'unanswerable',
  questions: ['What is the default of the `retryJitter` option of Acme?'],
  answer: 'The documentation of Acme does not mention an option `retryJitter`.',
  absent: 'retryJitter',
};

export function factsExample(group: Group): string {
  const shown = group === 'reasoned' ? reasoned : group === 'refusing' ? refusing : fact;
  return JSON.stringify({ facts: [shown] });
}

export const questionsExample = JSON.stringify({
  questions: [{ task: fact.task, wordings: fact.questions, evidence: fact.evidence, absent: '' }],
});

export const answerExample = JSON.stringify({
  answerable: true,
  answer: fact.answer,
  evidence: fact.evidence,
  reasoning: '',
});

export const conversationExample = JSON.stringify({
  conversations: [
    {
      turns: [
        { question: fact.questions[0], answer: fact.answer, evidence: fact.evidence },
        {
          question: 'And what if I leave it out?',
          answer: 'Then a request is sent once.',
          evidence: ['Without it a request is sent once.'],
        },
      ],
    },
  ],
});
