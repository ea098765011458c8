import { cluster, type Candidates, type Cluster, type Duplicate } from './cluster.ts';
import { rowFeatures, shingles } from './features.ts';
import { createIndex } from './lsh.ts';
import { createSets, isWithin, similarity } from './sets.ts';
import { createRareWordIndex } from './rare-words.ts';

export interface RowText {
  /** the plainest wording */
  question: string;
  answer: string;
  /** the row with the highest one is kept */
  score: number;
}

export interface RowDuplicates {
  /** Ids are 0, 1, 2 … in the order of calls. Texts are not kept, only hashes: about a kilobyte a row. */
  add(row: RowText): void;
  finish(): Cluster<'question' | 'row'>[];
}

export interface RowThresholds {
  /** of the questions' words, or of the pairs of letters in them */
  question: number;
  /** of groups of five words of question and answer together */
  row: number;
}

/** hashes kept of one set */
const sample = 128;

/**
 * Rows that say the same thing twice. Questions are short, so single words are compared (Chinese: characters) instead
 * of groups of five, of which one changed word alters most. That is coarse, so what tells two questions apart (names,
 * numbers, opposites) must be the same in both, and the answers are looked at too.
 */
export function createRowDuplicates(thresholds: RowThresholds): RowDuplicates {
  const store = createStore();
  return {
    add(row) {
      store.add(row);
    },
    finish: () => cluster(store.scores, candidatesOf(store), (kept, id) => compare(store, kept, id, thresholds)),
  };
}

type Store = ReturnType<typeof createStore>;

function createStore() {
  const sets = {
    words: createSets(sample),
    pairs: createSets(sample),
    telling: createSets(sample),
    things: createSets(sample),
    topic: createSets(sample),
    answer: createSets(sample),
    names: createSets(sample),
    rows: createSets(sample),
  };
  const scores: number[] = [];
  const add = ({ question, answer, score }: RowText): void => {
    const features = { ...rowFeatures(question, answer), rows: shingles(`${question}\n${answer}`) };
    for (const name of Object.keys(sets) as (keyof typeof sets)[]) sets[name].add(features[name]);
    scores.push(score);
  };
  return { ...sets, scores, add };
}

/** finds 99.9 % of the pairs at 0.9, and few that are far below */
const rowShape = { bands: 16, rows: 8 };

function candidatesOf({ words, rows, scores }: Store): Candidates {
  const questionIndex = createRareWordIndex(words);
  const rowIndex = createIndex(rowShape, scores.length);
  return {
    search(id: number, visit: (other: number) => void) {
      questionIndex.search(id, visit);
      rowIndex.search(rows.at(id), visit);
    },
    insert(id: number) {
      questionIndex.insert(id);
      rowIndex.insert(id);
    },
  };
}

type Found = Omit<Duplicate<'question' | 'row'>, 'id'>;

function compare(store: Store, a: number, b: number, thresholds: RowThresholds): Found | undefined {
  const question = questionSimilarity(store, a, b);
  const isNear = question >= thresholds.question - givenSameAnswer;
  if (isNear && asksAlike(store, a, b) && asksAlike(store, b, a)) {
    const needed = Math.min(thresholds.question + allowance(store, a, b), 1);
    if (question >= needed) return { similarity: question, by: 'question' };
  }
  const row = rowSimilarity(store, a, b, thresholds.row);
  return row >= thresholds.row ? { similarity: row, by: 'row' } : undefined;
}

/** Most candidates are told apart by their words, which are few. */
function questionSimilarity({ words, pairs }: Store, a: number, b: number): number {
  const ofWords = similarity(words.at(a), words.at(b), sample);
  return ofWords < leastWords ? ofWords : Math.max(ofWords, similarity(pairs.at(a), pairs.at(b), sample));
}

const leastWords = 0.3;

function rowSimilarity({ rows }: Store, a: number, b: number, threshold: number): number {
  const [ofA, ofB] = [rows.at(a), rows.at(b)];
  // the smaller set cannot hold more than itself
  const most = Math.min(ofA.length, ofB.length) / Math.max(ofA.length, ofB.length, 1);
  return most < threshold ? 0 : similarity(ofA, ofB, sample);
}

/** Whether `b` has what `a` asks about: its names in the question, and the words that its answer takes up anywhere. */
function asksAlike({ words, telling, things, topic, answer }: Store, a: number, b: number): boolean {
  if (!isWithin(telling.at(a), words.at(b))) return false;
  // a name may stand without its marks in one of them; as many names must be the same names
  const [ofA, ofB] = [things.at(a), things.at(b)];
  if (ofA.length === ofB.length && !isWithin(ofA, ofB)) return false;
  const [question, answered] = [words.at(b), answer.at(b)];
  // of a long answer only a sample is known
  return answered.length === sample || topic.at(a).every((word) => question.includes(word) || answered.includes(word));
}

/** What the answers add to the threshold for the questions: other answers ask for nearly the same question. */
function allowance({ answer, names }: Store, a: number, b: number): number {
  const words = similarity(answer.at(a), answer.at(b), sample);
  const [ofA, ofB] = [names.at(a), names.at(b)];
  const hasOtherNames = ofA.length > 0 && ofB.length > 0 && similarity(ofA, ofB, sample) < sameNames;
  if (hasOtherNames || words < relatedAnswer) return otherAnswer;
  return words >= sameAnswer ? -givenSameAnswer : 0;
}

/** Jaccard indices: of the words of answers that are the same but for a few words, or that speak of the same things */
const sameAnswer = 0.7;
const relatedAnswer = 0.5;
/** of their names and numbers */
const sameNames = 0.6;
const givenSameAnswer = 0.25;
const otherAnswer = 0.18;
