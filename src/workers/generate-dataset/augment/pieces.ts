/**
 * A part of a question; all parts together are the question. Only a `word` may be changed: a plain word in lower case,
 * at the start of a sentence with a capital, or a Chinese word.
 */
export interface Piece {
  text: string;
  kind: 'word' | 'space' | 'fixed';
}

/** Code, quotations and markers of templates: a changed literal would be another question. */
const literal =
  /```[\s\S]*?```|`[^`]*`|"[^"\n]*"|“[^”]*”|「[^」]*」|『[^』]*』|《[^》]*》|(?<!\w)'[^'\n]*'(?!\w)|\{\{.*?\}\}|\$?\{[^{}]*\}|<[^<>\n]*>|\[[^[\]\n]*\]|%\w/gu;
const runs = /\s+|\p{Script=Han}+|[^\s\p{Script=Han}]+/gu;
const isHan = /^\p{Script=Han}/u;
/** what is not of this form has a digit, a dot, a capital or a mark inside: a name, a number, an address */
const plainWord = /^([("“]*)(I|[A-Z]?[a-z]+(?:['’][a-z]+)?)([)"”.,;:!?，。？！；：、]*)$/u;
const endsSentence = /[.!?:。？！：]\s*$/u;

const chinese = new Intl.Segmenter('zh', { granularity: 'word' });

export function cutPieces(question: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { 0: text, index } of question.matchAll(literal)) {
    cutProse(question.slice(at, index), pieces);
    pieces.push({ text, kind: 'fixed' });
    at = index + text.length;
  }
  cutProse(question.slice(at), pieces);
  return pieces;
}

export const join = (pieces: readonly Piece[]): string => pieces.map(({ text }) => text).join('');

function cutProse(prose: string, pieces: Piece[]): void {
  // a run that touches a literal may be a part of it, such as the name of a call
  const isAfterLiteral = pieces.length > 0;
  for (const { 0: run, index } of prose.matchAll(runs)) {
    const isTouching = isAfterLiteral && index === 0;
    if (/^\s/.test(run)) pieces.push({ text: run, kind: 'space' });
    else if (isHan.test(run)) {
      for (const { segment } of chinese.segment(run)) pieces.push({ text: segment, kind: 'word' });
    } else if (isTouching || !pushWord(run, pieces)) pieces.push({ text: run, kind: 'fixed' });
  }
}

function pushWord(run: string, pieces: Piece[]): boolean {
  const [, before = '', word = '', after = ''] = plainWord.exec(run) ?? [];
  const isStart = isSentenceStart(pieces);
  // a capital within a sentence begins a name
  if (word === '' || (/^[A-Z]/.test(word) && word !== 'I' && !isStart)) return false;
  if (before !== '') pieces.push({ text: before, kind: 'fixed' });
  pieces.push({ text: word, kind: 'word' });
  if (after !== '') pieces.push({ text: after, kind: 'fixed' });
  return true;
}

/** Whether a sentence begins after these pieces. */
export const isSentenceStart = (before: readonly Piece[]): boolean =>
  before.every(({ kind }) => kind === 'space') || endsSentence.test(join(before.slice(-2)));

/** Give a word the capital of the one that stood in its place. */
export const likeCase = (word: string, model: string): string =>
  /^[A-Z]/.test(model) ? word.replace(/^[a-z]/, (letter) => letter.toUpperCase()) : word;
