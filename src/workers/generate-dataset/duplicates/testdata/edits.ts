import type { PlainRow } from './rows.ts';
import { pick, randomOf } from './random.ts';

/**
 * Copies of rows as people make them when they ask the same thing again: slips of the pen, other words, another order,
 * other punctuation, more politeness. It knows nothing of the detector.
 */
export function editRow(row: PlainRow, seed: number): PlainRow {
  const random = randomOf(seed);
  const edits = row.language === 'en' ? englishEdits : chineseEdits;
  let { question, answer } = row;
  // two kinds of change in four of ten copies
  const kinds = random() < 0.4 ? 2 : 1;
  const order = Object.values(edits)
    .map((edit) => ({ edit, at: random() }))
    .sort((a, b) => a.at - b.at);
  let done = 0;
  for (const { edit } of order) {
    if (done === kinds) break;
    const changed = edit(question, random);
    if (changed !== question) done += 1;
    question = changed;
  }
  if (random() < 0.5) answer = (row.language === 'en' ? englishEdits : chineseEdits).synonym(answer, random);
  if (random() < 0.3) answer = (row.language === 'en' ? englishEdits : chineseEdits).slip(answer, random);
  return { ...row, question, answer };
}

type Edit = (text: string, random: () => number) => string;
type Edits = Record<'slip' | 'synonym' | 'order' | 'punctuation' | 'politeness', Edit>;

/** Replace one of the known words, if there is one, by one of its equals. */
const replaceOne =
  (groups: readonly (readonly string[])[], isWord: boolean): Edit =>
  (text, random) => {
    const found = groups.flatMap((group) =>
      group
        .map((word) => ({ group, word }))
        .filter(({ word }) => new RegExp(isWord ? `(?<![\\w-])${word}(?![\\w-])` : word, 'i').test(text)),
    );
    if (found.length === 0) return text;
    const { group, word } = pick(found, random);
    const other = pick(
      group.filter((entry) => entry !== word),
      random,
    );
    return text.replace(new RegExp(isWord ? `(?<![\\w-])${word}(?![\\w-])` : word, 'i'), other);
  };

const englishEdits: Edits = {
  slip(text, random) {
    // code is copied, not typed
    const words = [...text.matchAll(/(?<![`\w-])[a-z]{5,}(?![`\w-])/gi)];
    if (words.length === 0) return text;
    const { 0: word, index } = pick(words, random);
    const at = 1 + Math.floor(random() * (word.length - 2));
    const [a, b] = [word.charAt(at), word.charAt(at + 1)];
    const slipped = pick([b + a, a, a + a + b, a + pick(Array.from('etaoinsr'), random)], random);
    return text.slice(0, index) + word.slice(0, at) + slipped + word.slice(at + 2) + text.slice(index + word.length);
  },
  synonym: replaceOne(
    [
      ['change', 'modify', 'adjust', 'alter'],
      ['How do I', 'How can I', 'How to', 'How should I', 'What is the way to'],
      ['store', 'keep', 'save'],
      ['ignore', 'disregard', 'overlook'],
      ['default', 'standard', 'preset'],
      ['for example', 'for instance', 'say'],
      ['value', 'setting'],
      ['Why does', 'How come does', 'What makes'],
      ['Where does', 'In which file does'],
      ['each', 'every'],
      ['starts', 'begins', 'launches'],
      ['different', 'distinct'],
      ['Can', 'May'],
    ],
    true,
  ),
  order(text, random) {
    const clause = / (of|in) (the [^?]+)\?$/.exec(text);
    if (clause !== null && random() < 0.7) {
      const rest = text.slice(0, clause.index);
      return `In ${clause[2] ?? ''}, ${rest.charAt(0).toLowerCase()}${rest.slice(1)}?`;
    }
    const words = text.split(' ');
    const at = Math.floor(random() * (words.length - 2));
    return [...words.slice(0, at), words[at + 1], words[at], ...words.slice(at + 2)].join(' ');
  },
  punctuation: (text, random) =>
    pick(
      [
        text.replace(/\?$/, ''),
        text.toLowerCase(),
        text.replace(/\?$/, '??'),
        text.replace(/\?$/, ' ?'),
        text.toUpperCase(),
      ],
      random,
    ),
  politeness(text, random) {
    const lower = text.charAt(0).toLowerCase() + text.slice(1);
    return pick(
      [
        `Please tell me: ${lower}`,
        `Hi there, ${lower}`,
        `${text} Thanks in advance!`,
        `I was wondering, ${lower}`,
        `Could you explain ${lower}`,
        `Sorry for asking, ${lower}`,
        `${text} Any hint is welcome.`,
      ],
      random,
    );
  },
};

const chineseEdits: Edits = {
  slip(text, random) {
    const alike: Record<string, string> = {
      的: '得',
      在: '再',
      是: '事',
      置: '制',
      认: '人',
      少: '小',
      名: '明',
      没: '每',
      存: '村',
      以: '已',
    };
    const places = Array.from(text).flatMap((char, index) => (alike[char] === undefined ? [] : [index]));
    const chars = Array.from(text);
    const at = places.length > 0 && random() < 0.7 ? pick(places, random) : undefined;
    if (at !== undefined) chars[at] = alike[chars[at] ?? ''] ?? '';
    else {
      // another number would be another statement
      const swaps = chars.flatMap((char, index) =>
        index > 0 && !/\d/.test(char + (chars[index + 1] ?? '0')) ? [index] : [],
      );
      const swapped = pick(swaps, random);
      [chars[swapped], chars[swapped + 1]] = [chars[swapped + 1] ?? '', chars[swapped] ?? ''];
    }
    return chars.join('');
  },
  synonym: replaceOne(
    [
      ['如何', '怎么', '怎样', '如何才能'],
      ['设置', '配置', '设定'],
      ['使用', '采用', '用上'],
      ['默认', '缺省'],
      ['保存', '存放', '存储'],
      ['为什么', '为何', '为啥'],
      ['多少', '多大', '几'],
      ['可以', '能够', '能'],
      ['不同', '不一样'],
      ['例如', '比如', '譬如'],
      ['填写', '写上', '填入'],
      ['需要', '必须'],
    ],
    false,
  ),
  order(text) {
    const placed = /^在(.+?)中(如何.+)？$/.exec(text);
    if (placed !== null) return `${placed[2] ?? ''}（在${placed[1] ?? ''}中）？`;
    const owned = /^(.+?)默认的(.+)是多少？$/.exec(text);
    if (owned !== null) return `${owned[2] ?? ''}在${owned[1] ?? ''}里默认是多少？`;
    const kept = /^(.+?)把(.+)保存在(.+)？$/.exec(text);
    if (kept !== null) return `${kept[2] ?? ''}被${kept[1] ?? ''}保存在${kept[3] ?? ''}？`;
    return text;
  },
  punctuation: (text, random) =>
    pick(
      [text.replace(/？$/, ''), text.replace(/？$/, '?'), text.replace(/？$/, '？？'), text.replace(/？$/, '呢？')],
      random,
    ),
  politeness: (text, random) =>
    pick(
      [
        `请问${text}`,
        `你好，${text}`,
        `${text}谢谢！`,
        `麻烦问一下，${text}`,
        `想了解一下${text}`,
        `新手求助：${text}`,
        `各位老师，${text}`,
      ],
      random,
    ),
};
