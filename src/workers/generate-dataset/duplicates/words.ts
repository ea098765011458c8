import { wideCharacters } from '../chunk/tokens.ts';

const word = new RegExp(`[${wideCharacters}]|(?:(?![${wideCharacters}])[\\p{L}\\p{N}_$])+`, 'gu');

/** Words in lower case; each Chinese, Japanese or Korean character is a word. Punctuation is none. */
export const wordsOf = (text: string): string[] => text.normalize('NFKC').toLowerCase().match(word) ?? [];

/** What people put around a question without asking anything else. */
const fillers = new RegExp(
  [
    // English
    '\\b(?:hi|hello|hey|please|pls|kindly|thanks|thank you|cheers)(?: (?:there|all|everyone|so much|a lot|in advance|you))*\\b',
    '\\b(?:can|could|would|will) (?:you|someone|anyone|anybody)(?: (?:please|kindly|possibly|maybe))?(?: (?:help me(?: to)? understand|tell me|explain(?: to me)?|show me|let me know|describe|clarify))?\\b',
    "\\bi(?: am|'m)? (?:would like to|want to|wanted to|need to|wondering|was wondering|curious)(?: (?:know|ask|understand|find out))?(?: (?:if|whether))?\\b",
    "\\bi'd (?:like|love) to (?:know|ask|understand)\\b",
    '\\b(?:do you know|quick question|just)\\b',
    // Chinese
    '请问一下|请问|您好|你好|谢谢(?:你|您|大家)?|多谢|麻烦(?:你|您)?|拜托|请教(?:一下|大家)?|劳驾',
    '(?:能不能|能否|可以|可否|能)?(?:请)?(?:帮忙|帮我)?(?:告诉|解释|说明|介绍|讲解)(?:我|一下|下)+|我?想(?:知道|问|了解|请教)(?:一下|下)?',
  ].join('|'),
  'giu',
);

/** A question without greetings, thanks and politeness. */
export function withoutFillers(question: string): string {
  const rest = question.normalize('NFKC').replace(fillers, ' ');
  // a question that is nothing else stays as it is
  return /[\p{L}\p{N}]/u.test(rest) ? rest : question;
}

const name =
  /`[^`]+`|[\p{L}\p{N}_$]*[\p{Ll}\p{N}_$]\p{Lu}[\p{L}\p{N}_$]*|[\w$]*[_$\d][\w$]*|\.?[\w$]+(?:[./@:][\w$]+)+|(?<!\w)--?[a-z][\w-]+/gu;
const opposites =
  /\b(?:not|no|never|without|except|cannot|disabl(?:e[ds]?|ing)|enabl(?:e[ds]?|ing)|before|after|min|max|minimum|maximum|first|last|true|false|add(?:ed|s|ing)?|remov(?:e[ds]?|ing)|delet(?:e[ds]?|ing)|synchronous|asynchronous|sync|async|start(?:s|ed|ing)?|stop(?:s|ped|ping)?|encod(?:e[ds]?|ing)|decod(?:e[ds]?|ing))\b|不能|不要|不会|禁用|启用|之前|之后|最大|最小|第一|最后|删除|移除|异步|同步|停止/giu;

/** What is named in quotation marks: a heading, a message, a field. */
const quoted = /"[^"\n]{1,120}"|“[^”\n]{1,120}”|「[^」\n]{1,120}」|《[^》\n]{1,120}》/gu;

const namesOf = (text: string): string[] => text.normalize('NFKC').match(name) ?? [];

/** Words of the names of code and of the numbers in a text. */
export const namesIn = (text: string): string[] => wordsOf(namesOf(text).join(' '));

/** The names that a question is about, each as its words in order: code, numbers, and what is in quotation marks. */
export const thingsIn = (question: string): string[][] =>
  [...namesOf(question), ...(question.normalize('NFKC').match(quoted) ?? [])]
    .map(wordsOf)
    .filter((words) => words.length > 0);

/** Words whose opposite is as likely to stand in their place. */
export const oppositesIn = (text: string): string[] =>
  wordsOf((text.normalize('NFKC').match(opposites) ?? []).join(' '));

const functionWords = new Set(
  (
    'a an the of in on at to for from by with as is are was were be been it its this that these those and or but if then ' +
    'so do does did can could will would should may might must have has had i you we they my your our their me us them ' +
    'what which who whom whose when where why how there here each every any some all more most other such than into only'
  )
    .split(' ')
    .concat(
      Array.from(
        '的得地了着过是在再有和与或及被把将让对从到向为给以可能会要就也都还只这那其它他她你我您们吗呢吧啊个些里中上下如何怎么样什哪谁几多少没不已所于之而但并且则若',
      ),
    ),
);

/** Words that hold a sentence together and name nothing. */
export const isFunctionWord = (word: string): boolean => functionWords.has(word);
