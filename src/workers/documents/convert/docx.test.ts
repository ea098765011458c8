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

/** An archive that says to have so many entries of that size each; it is never unpacked. */
function claim(count: number, bytes: number): Uint8Array {
  const archive = Buffer.from(zipSync({ 'word/document.xml': new Uint8Array(1) }));
  const [directory, end] = ['PK\u0001\u0002', 'PK\u0005\u0006'].map((mark) => archive.indexOf(mark));
  const entry = archive.subarray(directory, end);
  entry.writeUInt32LE(bytes, 24);
  const tail = archive.subarray(end);
  tail.writeUInt16LE(count, 8);
  tail.writeUInt16LE(count, 10);
  return Buffer.concat([archive.subarray(0, directory), ...Array<Buffer>(count).fill(entry), tail]);
}

test('a bomb is refused before it is unpacked', async () => {
  const bomb = claim(1, 2 ** 30);
  await expect(convertDocument('docx', bomb)).rejects.toMatchObject({
    reason: 'Bomb',
    message: `its archive of ${bomb.length} bytes unpacks to ${2 ** 30}`,
  });
  await expect(convertDocument('docx', claim(20, 2 ** 20))).rejects.toMatchObject({ reason: 'Bomb' });
  await expect(convertDocument('docx', claim(10_001, 0))).rejects.toMatchObject({
    reason: 'Bomb',
    message: 'its archive has 10001 entries',
  });
  const small = convertDocument('docx', claim(10, 2 ** 20));
  await expect(small).rejects.not.toMatchObject({ reason: 'Bomb' });
});
