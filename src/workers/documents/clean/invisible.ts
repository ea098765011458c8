/**
 * Characters that nobody sees, but a model reads. Those that a script or an emoji needs stay: joiners within Indic,
 * Arabic and Persian words and emoji, word breaks of scripts without spaces, marks of direction in right-to-left text.
 */
export interface Rule {
  kind: string;
  pattern: RegExp;
  replacement: string;
}

const joining = [
  ...['Arabic', 'Syriac', 'Nko', 'Mongolian', 'Thaana', 'Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya'],
  ...['Tamil', 'Telugu', 'Kannada', 'Malayalam', 'Sinhala', 'Tibetan', 'Myanmar', 'Khmer', 'Balinese', 'Javanese'],
]
  .map((script) => `\\p{scx=${script}}`)
  .join('');
const unspaced = ['Thai', 'Lao', 'Khmer', 'Myanmar', 'Tibetan', 'Javanese']
  .map((script) => `\\p{scx=${script}}`)
  .join('');
const emoji = '\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\ufe0f\\u20e3';

const rule = (kind: string, pattern: string, replacement = ''): Rule => ({
  kind,
  pattern: new RegExp(pattern, 'gu'),
  replacement,
});

export const invisibleRules: readonly Rule[] = [
  rule('byte-order-mark', '\\ufeff'),
  rule('zero-width', `(?<![${joining}])\\u200c|\\u200c(?![${joining}])`),
  rule('zero-width', `(?<![${joining}${emoji}])\\u200d|\\u200d(?![${joining}${emoji}])`),
  rule('zero-width', `(?<![${unspaced}])\\u200b|\\u200b(?![${unspaced}])`),
  rule('zero-width', '[\\u2060-\\u2064\\u206a-\\u206f\\u034f\\u115f\\u1160\\u17b4\\u17b5]'),
  rule('soft-hyphen', '\\u00ad'),
  // spelled-out text in tags is a way to smuggle instructions; flags of regions are their one good use
  rule('tag', '(?<![\\u{1f3f4}\\u{e0020}-\\u{e007e}])[\\u{e0000}-\\u{e007f}]'),
  // a second selector in a row selects nothing
  rule('variation-selector', '(?<=[\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}])[\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}]'),
];

/** overrides show text in another order than it is stored: no document needs them */
export const overrideRule = rule('bidirectional', '[\\u202d\\u202e]');
/** the other marks of direction, where nothing is written from right to left */
export const directionRule = rule('bidirectional', '[\\u200e\\u200f\\u061c\\u202a-\\u202c\\u2066-\\u2069]');
export const hasRightToLeft = (text: string): boolean =>
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u.test(text);
