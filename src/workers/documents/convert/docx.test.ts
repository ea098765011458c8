import { Document, HeadingLevel, ImageRun, Packer, Paragraph, Table, TableCell, TableRow, TextRun } from 'docx';
import type { IRunOptions, ISectionOptions } from 'docx';
import { strToU8, zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { convertDocument } from './index.ts';

const write = async (children: ISectionOptions['children']): Promise<Uint8Array> =>
  Packer.toBuffer(
    new Document({
      numbering: {
        config: [{ reference: 'steps', levels: [{ level: 0, format: 'decimal', text: '%1.' }] }],
      },
      styles: { paragraphStyles: [{ id: 'SourceCode', name: 'Source Code', basedOn: 'Normal' }] },
      sections: [{ children }],
    }),
  );
const cell = (text: string): TableCell => new TableCell({ children: [new Paragraph(text)] });
const row = (...cells: string[]): TableRow => new TableRow({ children: cells.map(cell) });
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

const strong: IRunOptions = { text: 'max_old_size', bold: true };

test('headings, emphasis, lists, code and tables become Markdown; pictures are left out', async () => {
  const content = await write([
    new Paragraph({ text: 'Guide', heading: HeadingLevel.TITLE }),
    new Paragraph({ text: 'Install', heading: HeadingLevel.HEADING_2 }),
    new Paragraph({
      children: [
        new TextRun('Set '),
        new TextRun(strong),
        new TextRun(' to <1> & * wait.'),
        new ImageRun({ type: 'png', data: pixel, transformation: { width: 9, height: 9 } }),
      ],
    }),
    new Paragraph({ text: 'one', bullet: { level: 0 } }),
    new Paragraph({ text: 'inner', bullet: { level: 1 } }),
    new Paragraph({ text: 'first', numbering: { reference: 'steps', level: 0 } }),
    new Paragraph({ text: 'const a = 1;', style: 'SourceCode' }),
    new Paragraph({ text: '  run(a);', style: 'SourceCode' }),
    new Table({ rows: [row('Name', 'Meaning'), row('a|b', 'letters')] }),
  ]);
  expect(await convertDocument('docx', content)).toBe(
    [
      '# Guide\n',
      '## Install\n',
      'Set **max_old_size** to <1> & \\* wait.\n',
      '- one\n  - inner\n',
      '1. first\n',
      '```\nconst a = 1;\n  run(a);\n```\n',
      '| Name | Meaning |\n| - | - |\n| a\\|b | letters |\n',
    ].join('\n'),
  );
});

test('a document without text, one with a password and one that is no archive say so', async () => {
  const convert = (content: Uint8Array): Promise<string> => convertDocument('docx', content);
  await expect(convert(await write([new Paragraph('')]))).rejects.toMatchObject({ reason: 'NoText' });
  const encrypted = Buffer.from('d0cf11e0a1b11ae1', 'hex');
  await expect(convert(encrypted)).rejects.toMatchObject({ reason: 'Encrypted' });
  await expect(convert(Buffer.from('no zip'))).rejects.toMatchObject({ reason: 'BadDocument' });
  await expect(convert(zipSync({ 'a.txt': strToU8('a') }))).rejects.toThrow();
});

test('a bomb is refused before it is unpacked', async () => {
  const bomb = zipSync({ 'word/document.xml': new Uint8Array(20 * 2 ** 20) }, { level: 1 });
  expect(bomb.length).toBeLessThan(2 ** 17);
  await expect(convertDocument('docx', bomb)).rejects.toMatchObject({
    reason: 'Bomb',
    message: `its archive of ${bomb.length} bytes unpacks to ${20 * 2 ** 20}`,
  });
  const crowd = zipSync(
    Object.fromEntries(Array.from({ length: 10_001 }, (_, index) => [`${index}`, new Uint8Array()])),
  );
  await expect(convertDocument('docx', crowd)).rejects.toMatchObject({ reason: 'Bomb' });
});
