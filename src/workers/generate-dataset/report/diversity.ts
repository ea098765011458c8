import type { Report } from '../../../contract/report.ts';
import type { Row } from '../../../contract/rows.ts';
import { hashShare } from '../split/hash.ts';
import { createCounter } from './counter.ts';
import { createDraw } from './draw.ts';
import { createDistribution } from './quantiles.ts';
import { questionType } from './question-type.ts';
import { selfBleu } from './self-bleu.ts';
import { distinctShare, gramsOf, wordsOf } from './words.ts';

/** questions that are held in memory, and those of them that are compared with one another */
const sampleSize = 10_000;
const bleuSize = 500;
const firstWordsShown = 20;

export interface DiversityMeter {
  observe(row: Row): void;
  finish(): Report['diversity'];
}

/** Looks at the rows one by one; memory is bounded by the sample and the number of documents. */
export function createDiversity(seed: number): DiversityMeter {
  const sample = createDraw<string>(sampleSize);
  const [types, tasks] = [createCounter(), createCounter()];
  const [questions, answers] = [createDistribution(), createDistribution()];
  const documents = new Map<string, number>();
  return {
    observe({ id, task, messages, source }) {
      const question = messages.at(-2)?.content ?? '';
      sample.add(question, hashShare(seed, 'report', id));
      types.add(questionType(question));
      tasks.add(task);
      questions.add(question.length);
      answers.add(messages.at(-1)?.content.length ?? 0);
      const document = `${source.source}/${source.path}`;
      documents.set(document, (documents.get(document) ?? 0) + 1);
    },
    finish() {
      const drawn = sample.items().map(wordsOf);
      const compared = drawn.slice(0, bleuSize);
      const rowsOf = createDistribution();
      for (const rows of documents.values()) rowsOf.add(rows);
      return {
        sampled: drawn.length,
        firstWords: firstWords(drawn),
        distinct1: rounded(distinctShare(drawn, 1)),
        distinct2: rounded(distinctShare(drawn, 2)),
        selfBleu: rounded(selfBleu(compared)),
        selfBleuSampled: compared.length,
        questionTypes: types.counts(),
        taskEntropy: rounded(entropy(Object.values(tasks.counts()))) ?? 0,
        questionCharacters: questions.quantiles(),
        answerCharacters: answers.quantiles(),
        rowsPerDocument: rowsOf.quantiles(),
      };
    },
  };
}

function firstWords(questions: readonly (readonly string[])[]): { words: string; rows: number }[] {
  const counter = createCounter();
  for (const words of questions) {
    const [start] = gramsOf(words.slice(0, 2), Math.min(2, words.length));
    if (start !== undefined && start !== '') counter.add(start);
  }
  return Object.entries(counter.counts())
    .map(([words, rows]) => ({ words, rows }))
    .sort((a, b) => b.rows - a.rows)
    .slice(0, firstWordsShown);
}

/** In bits: 0 if all are of one kind. */
function entropy(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count) => sum - (count / total) * Math.log2(count / total), 0);
}

const rounded = (value: number | null): number | null => (value === null ? null : Math.round(value * 1e4) / 1e4);
