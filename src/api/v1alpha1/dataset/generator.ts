import { z } from 'zod';
import { modelEndpoint } from '../model-endpoint.ts';
import { nameRef } from '../references.ts';
import { exactlyOneOf, withRules } from '../rules.ts';
import { decimal, listByKey } from '../scalars.ts';

export const tasks = [
  'factual',
  'howTo',
  'explain',
  'codeGeneration',
  'codeExplain',
  'debug',
  'config',
  'comparison',
  'summary',
  'multiHop',
  'crossDocument',
  'multiTurn',
  'longContext',
  'reasoning',
  'instruction',
  'falsePremise',
  'unanswerable',
] as const;

const openai = z.strictObject({
  ...modelEndpoint('generator.openai'),
  steps: z
    .enum(['One', 'Two'])
    .default('One')
    .describe(
      'One: questions with their answers in one request. Two: first the questions, then each answer by itself.',
    ),
  questionTemperature: decimal('generator.openai.questionTemperature', { min: 0, max: 2 })
    .default('0.9')
    .describe('Sampling temperature of questions, where they are asked for by themselves (steps: Two).'),
  temperature: decimal('generator.openai.temperature', { min: 0, max: 2 })
    .default('0.3')
    .describe('Sampling temperature of answers; lower is closer to the document.'),
});

export const generator = withRules(
  z.strictObject({
    extractive: z
      .strictObject({})
      .optional()
      .describe('Take rows from headings, definitions, API entries and code blocks: no model, no network.'),
    openai: openai.optional().describe('Let a model write rows; each row must quote the document word for word.'),
  }),
  exactlyOneOf('generator', 'extractive', 'openai'),
);

const task = z.strictObject({
  type: z.enum(tasks).describe('What is asked.'),
  weight: z.int().min(1).max(100).default(1).describe('Share of this task among the others.'),
});

const oddVotes = {
  cel: 'self % 2 == 1',
  message: 'judge.votes must be odd, so that there is always a majority',
  holds: (votes: number) => votes % 2 === 1,
};

export const writing = {
  tasks: listByKey(task, 'type', 0, tasks.length)
    .default([])
    .describe('What a model is asked to write, by weight; a broad mix if empty. Extractive rows follow the documents.'),
  language: z
    .enum(['Document', 'zh', 'en', 'Both'])
    .default('Document')
    .describe('Language of the rows that a model writes: that of the document, one of the two, or both.'),
  personas: z
    .array(z.string().min(1).max(200))
    .max(16)
    .default([])
    .describe('Who asks, such as "an operator who is new to the project"; a built-in list if empty.'),
  promptsRef: nameRef('a ConfigMap whose keys replace the built-in prompts of the same name')
    .optional()
    .describe('Prompts of your own. Their digest is in every row.'),
  judge: z
    .strictObject({
      openai: z
        .strictObject(modelEndpoint('judge.openai'))
        .describe('The model that judges; better not the one that writes.'),
      minRelevance: z.int().min(0).max(2).default(2).describe('Least relevance of an answer to its question, 0 to 2.'),
      requireSelfContained: z.boolean().default(true).describe('Whether a question must be understood by itself.'),
      votes: withRules(z.int().min(1).max(9), oddVotes)
        .default(1)
        .describe('Votes on a row at the border; most of them decide.'),
      calibrationRef: nameRef('a ConfigMap with the key "rows.jsonl": rows that a human has judged')
        .optional()
        .describe('Rows with known verdicts; how far judge and human agree is in the status.'),
    })
    .optional()
    .describe('Let a model check each row: against its document, or by itself if it was made elsewhere.'),
  knowledgeGap: z
    .strictObject({
      openai: z
        .strictObject(modelEndpoint('knowledgeGap.openai'))
        .describe('The model that is to be tuned, as it is now.'),
    })
    .optional()
    .describe(
      'Ask the base model first, without the document, and prefer what it does not know; for generator.openai.',
    ),
};
