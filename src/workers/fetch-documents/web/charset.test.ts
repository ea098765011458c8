import { describe, expect, test } from 'vitest';
import { toUtf8 } from './charset.ts';

const shiftJis = Buffer.from([0x93, 0xfa, 0x96, 0x7b]);
const gbk = Buffer.from([0xd6, 0xd0, 0xce, 0xc4]);
const latin1 = Buffer.from('Überschrift', 'latin1');
const inPage = (content: Buffer, head: string): Buffer =>
  Buffer.concat([Buffer.from(`<html><head>${head}</head>`), content]);

describe('the encoding of a page', () => {
  test.each([
    ['its header', shiftJis, 'text/html; charset=Shift_JIS', '日本'],
    ['its header, quoted', gbk, 'text/html;charset="gb2312"', '中文'],
    ['its head', inPage(gbk, '<meta charset="gbk">'), 'text/html', '中文'],
    [
      'the older form of its head',
      inPage(latin1, '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">'),
      '',
      'Überschrift',
    ],
    ['a byte order mark', Buffer.from('﻿中文', 'utf16le'), 'text/html; charset=gbk', '中文'],
    ['its header, though a text', gbk, 'text/plain; charset=gbk', '中文'],
  ])('is what %s declares', (_, content, type, text) => {
    const extension = type.startsWith('text/plain') ? '.txt' : '.html';
    expect(toUtf8(content, type, extension).toString()).toContain(text);
  });

  test.each([
    ['nothing is declared', gbk, 'text/html', '.html'],
    ['it is declared wrongly', Buffer.from([0xff, 0xff]), 'text/html; charset=gbk', '.html'],
    ['it is UTF-8 whatever is declared', Buffer.from('Überschrift'), 'text/html; charset=iso-8859-1', '.html'],
    ['the name is unknown', gbk, 'text/html; charset=klingon', '.html'],
    ['it is no text', Buffer.from('%PDF-1.7 ÿ', 'latin1'), 'application/pdf; charset=gbk', '.pdf'],
    ['a text declares nothing', Buffer.from('<meta charset="utf-16le">'), 'text/plain', '.txt'],
  ])('stays where %s', (_, content, type, extension) => {
    expect(toUtf8(content, type, extension)).toBe(content);
  });
});
