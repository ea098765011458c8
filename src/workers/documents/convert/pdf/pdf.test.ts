import { PDFDocument, PDFName, PDFString, StandardFonts, type PDFFont, type PDFPage } from 'pdf-lib';
import { expect, test } from 'vitest';
import { convertDocument } from '../index.ts';

interface Printer {
  document: PDFDocument;
  font: PDFFont;
  /** Add a page and print its lines from the top, each as [size, text, gap above it in points, left]. */
  page(...lines: [size: number, text: string, gap?: number, left?: number][]): PDFPage;
}

async function openPrinter(): Promise<Printer> {
  const document = await PDFDocument.create();
  const font = await document.embedFont(StandardFonts.Helvetica);
  const code = await document.embedFont(StandardFonts.Courier);
  return {
    document,
    font,
    page(...lines) {
      const page = document.addPage([600, 800]);
      let y = 700;
      for (const [size, text, gap = 3, left = 50] of lines) {
        y -= size + gap;
        page.drawText(text, { x: left, y, size, font: size === 9 ? code : font });
      }
      return page;
    },
  };
}
const convert = async ({ document }: Printer): Promise<string> => convertDocument('pdf', await document.save());

test('large letters are headings, divided words are joined, items and code stay apart', async () => {
  const printer = await openPrinter();
  printer.page(
    [24, 'Guide to Acme'],
    [16, 'Install', 12],
    [11, 'Run the installer with my_option set. The docu-', 8],
    [11, 'mentation tells how well-known and self-'],
    [11, 'contained servers go on. A self-contained one'],
    [11, 'starts alone.'],
    [11, 'Another paragraph.', 14],
    [11, '• one', 14],
    [11, '• two that goes'],
    [11, 'on'],
    [9, 'def run():', 14],
    [9, '    return 1'],
  );
  expect(await convert(printer)).toBe(
    [
      '# Guide to Acme\n',
      '## Install\n',
      'Run the installer with my_option set. The documentation tells how well-known and self-contained servers go on. A self-contained one starts alone.\n',
      'Another paragraph.\n',
      '- one\n- two that goes on\n',
      '```\ndef run():\n    return 1\n```\n',
    ].join('\n'),
  );
});

test('running heads and page numbers are left out, and a paragraph goes on over pages', async () => {
  const printer = await openPrinter();
  for (let number = 1; number <= 4; number += 1) {
    const page = printer.page([11, `Page ${number} says some-`], [11, 'thing that goes on']);
    page.drawText(`Acme manual, chapter ${number}`, { x: 50, y: 770, size: 8, font: printer.font });
    page.drawText(`${number}`, { x: 300, y: 20, size: 8, font: printer.font });
  }
  const sentence = (number: number): string => `Page ${number} says something that goes on`;
  expect(await convert(printer)).toBe(`${[1, 2, 3, 4].map(sentence).join(' ')}\n`);
});

test('columns are read one after the other', async () => {
  const printer = await openPrinter();
  const page = printer.page([11, 'The left column has words that']);
  page.drawText('end here.', { x: 50, y: 672, size: 11, font: printer.font });
  page.drawText('The right column is next.', { x: 320, y: 686, size: 11, font: printer.font });
  expect(await convert(printer)).toBe('The left column has words that end here.\n\nThe right column is next.\n');
});

test('what looks like Markdown stays text', async () => {
  const printer = await openPrinter();
  printer.page(
    [11, '# no heading, *no* emphasis, <b>no</b> html'],
    [11, '1. is no item'],
    [11, 'a_b __c__ `d` [e](f)'],
  );
  const text = await convert(printer);
  expect(text).toBe(
    '\\# no heading, \\*no\\* emphasis, \\<b>no\\</b> html 1. is no item a_b \\_\\_c\\_\\_ \\`d\\` \\[e]\\(f)\n',
  );
});

test('a scan has no text, a password is told, and anything else is no document', async () => {
  const scan = await openPrinter();
  for (let count = 0; count < 3; count += 1) scan.page();
  await expect(convert(scan)).rejects.toMatchObject({ reason: 'NoText' });

  const locked = await openPrinter();
  locked.page([11, 'hidden']);
  const { context } = locked.document;
  const key = PDFString.of('x'.repeat(32));
  const encrypt = context.obj({ Filter: PDFName.of('Standard'), V: 1, R: 2, P: -4, O: key, U: key });
  context.trailerInfo.Encrypt = context.register(encrypt);
  context.trailerInfo.ID = context.obj([PDFString.of('a'), PDFString.of('a')]);
  await expect(convert(locked)).rejects.toMatchObject({ reason: 'Encrypted' });

  await expect(convertDocument('pdf', Buffer.from('no pdf'))).rejects.toThrow('Invalid PDF structure');
});

test('Chinese text without an embedded font is read by the tables of characters that are shipped', async () => {
  const printer = await openPrinter();
  const page = printer.page();
  const { context } = printer.document;
  const systemInfo = { Registry: PDFString.of('Adobe'), Ordering: PDFString.of('GB1'), Supplement: 2 };
  const descendant = { Type: 'Font', Subtype: 'CIDFontType0', BaseFont: 'STSong-Light', CIDSystemInfo: systemInfo };
  const font = { Type: 'Font', Subtype: 'Type0', BaseFont: 'STSong-Light', Encoding: 'UniGB-UCS2-H' };
  page.node.setFontDictionary(
    PDFName.of('F1'),
    context.register(context.obj({ ...font, DescendantFonts: [context.register(context.obj(descendant))] })),
  );
  const text = Buffer.from('服务器在一个端口上等待客户端的请求', 'utf16le').swap16().toString('hex');
  page.node.addContentStream(context.register(context.stream(`BT /F1 12 Tf 50 700 Td <${text}> Tj ET`)));
  expect(await convert(printer)).toBe('服务器在一个端口上等待客户端的请求\n');
});
