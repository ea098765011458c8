import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanText } from './clean.ts';
import { decode } from './decode.ts';

const clean = (text: string) => cleanText(text, 'markdown');

describe('[6] cleanliness', () => {
  test.each([
    ['zero-width space in a word', 'in\u200bstall', 'install', { 'zero-width': 1 }],
    ['byte order mark within', 'a\ufeffb', 'ab', { 'byte-order-mark': 1 }],
    ['soft hyphen', 'soft\u00adware', 'software', { 'soft-hyphen': 1 }],
    ['override of direction', 'a\u202eb\u202c', 'ab', { bidirectional: 2 }],
    ['tags that spell a text', `ok\u{e0069}\u{e0067}`, 'ok', { tag: 2 }],
    ['control characters', 'a\u0007b\u001b[0m', 'ab[0m', { control: 2 }],
    ['form feed', 'a\fb', 'a\nb', { control: 1 }],
    ['line breaks', 'a\r\nb\rc\u2028d', 'a\nb\nc\nd', { 'line-break': 3 }],
    ['a decomposed letter', 'cafe\u0301', 'café', { composed: 1 }],
    ['mojibake', 'Itâ€™s a cafÃ© â€“ dÃ©jÃ\u00a0', 'It’s a café – déjà', { mojibake: 5 }],
    ['mojibake of mojibake', 'ÃƒÂ©tÃƒÂ© ÃƒÂ©', 'été é', { mojibake: 9 }],
    ['Chinese mojibake', 'ä¸\u00adæ–‡ guide ä¸\u00ad', '中文 guide 中', { mojibake: 3 }],
  ])('%s', (_, before, after, cleaning) => {
    expect(clean(before)).toEqual({ text: after, cleaning });
  });

  test.each([
    ['an emoji of several people', '👩\u200d💻 and 🏳️\u200d🌈'],
    ['a flag of a region', '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}'],
    ['Persian', 'می\u200cخواهم'],
    ['Hindi', 'क्\u200dष'],
    ['Thai word breaks', 'ภาษา\u200bไทย'],
    ['marks of direction in Hebrew', 'שלום\u200f, \u2067abc\u2069'],
    ['French', '« l’été » n’est pas Ã© là'],
    ['a text about mojibake', 'It shows Ã© where é should be, and â€™ for ’'],
    ['punctuation and fences', '```sh\necho "a" | tr a b  # tab:\there\n```\n— “x” … ！？'],
  ])('%s stays as it is', (_, text) => {
    expect(clean(text)).toEqual({ text, cleaning: {} });
  });

  test('of source code only the line breaks and control characters change', () => {
    const text = 's = "cafe\u0301 Ã© Ã© Ã©", "[\u200b\u202e\u0085]"\n\f\ndef f(): pass\n';
    expect(cleanText(text.replaceAll('\n', '\r\n'), 'code')).toEqual({ text, cleaning: { 'line-break': 3 } });
  });

  const anyText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom(
        ...['a', ' ', '\r', '\n', '\f', 'Ã', '©', 'â', '€', '‹', '\u0080', '\u200b', '\u200d', '\u200c', '\u202e'],
        ...['\u200f', 'ש', 'ा', 'क', '👩', '💻', '\ufe0f', '\u{e0067}', '🏴', '\u0301', 'e', '\ufeff', '\u00ad'],
      ),
    }),
  );

  test('cleaning twice is cleaning once', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom('markdown' as const, 'code' as const), (text, format) => {
        const once = cleanText(text, format).text;
        expect(cleanText(once, format)).toEqual({ text: once, cleaning: {} });
      }),
      { numRuns: 500 },
    );
  });

  test('printable ASCII is never changed', () => {
    const ascii = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });
    const lines = fc.array(ascii).map((list) => list.join('\n'));
    fc.assert(
      fc.property(lines, (text) => {
        expect(clean(text)).toEqual({ text, cleaning: {} });
      }),
    );
  });
});

describe('encodings', () => {
  const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

  test('a byte order mark is taken off', () => {
    expect(decode(Buffer.from('\ufeff# A\n'))).toEqual({ text: '# A\n', encoding: 'utf-8' });
    expect(decode(bytes('fffe 4100 4200'))).toEqual({ text: 'AB', encoding: 'utf-16le' });
    expect(decode(bytes('feff 0041 0042'))).toEqual({ text: 'AB', encoding: 'utf-16be' });
  });

  test('a declared encoding is believed', () => {
    const html = latin1('<html><head><meta charset="iso-8859-1"></head><body>\u00e9t\u00e9</body></html>');
    expect(decode(html)).toMatchObject({ encoding: 'windows-1252' });
    const gbk = Buffer.concat([latin1('# -*- coding: gbk -*-\n# '), bytes('b0b2 d7b0')]);
    expect(decode(gbk)).toEqual({ text: '# -*- coding: gbk -*-\n# 安装', encoding: 'gbk' });
  });

  test.each([
    [
      'gb18030',
      '23 20 b0b2 d7b0 0a 0a cab9 d3c3 20 6e706d 20 b0b2 d7b0 d5e2 b8f6 c8ed bcfe b0fc a3ac c8bb bae3 d4cb d0d0 c3fc c1ee a1a3 0a c5e4 d6c3 cec4 bcfe cebb d3da cfee c4bf b5c4 b8f9 c4bf c2bc a1a3',
    ],
    [
      'windows-1252',
      latin1(
        '# Überschrift\n\nDie Größe der Datei wird geprüft. Für die Ausführung benötigen Sie das Passwort.',
      ).toString('hex'),
    ],
    [
      'shift_jis',
      '23 20 8343 8393 8358 8367 815b 838b 0a 82b1 82cc 8370 8362 8350 815b 8357 82f0 8343 8393 8358 8367 815b 838b 82b5 8141 8352 837d 8393 8368 82f0 8ec0 8d73 82b5 82c4 82ad 82be 82b3 82a2 8142',
    ],
  ])('%s is found where it is certain', (encoding, hex) => {
    expect(decode(bytes(hex))).toMatchObject({ encoding });
  });

  test.each([
    ['a few odd bytes', bytes('23 20 e9 0a'), 'BadEncoding'],
    ['a damaged UTF-16 file', bytes('fffe 00d8 4100'), 'BadEncoding'],
    ['a zero byte', bytes('41 00 42'), 'Binary'],
  ])('%s is no document', (_, content, skip) => {
    expect(decode(content)).toMatchObject({ skip });
  });
});
