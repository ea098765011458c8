import type { Element, Nodes } from 'hast';
import { fromHtml } from 'hast-util-from-html';
import { toMdast } from 'hast-util-to-mdast';
import mammoth from 'mammoth';
import { checkArchive } from './archive.ts';
import { UnreadableDocument } from './failure.ts';
import { writeMarkdown } from './markdown.ts';

/** names that word processors give to paragraphs of code */
const codeStyles = ['Code', 'Source Code', 'HTML Preformatted', 'Preformatted Text', 'Plain Text', 'Macro Text'];
const styleMap = [
  ...codeStyles.map((name) => `p[style-name='${name}'] => pre:separator('\\n')`),
  ...['Code Char', 'HTML Code', 'Verbatim Char', 'Source Text'].map((name) => `r[style-name='${name}'] => code`),
  "p[style-name='Title'] => h1:fresh",
  "p[style-name='Subtitle'] => p:fresh",
];

/** what a document with a password is wrapped into */
const compoundFile = [0xd0, 0xcf, 0x11, 0xe0];

/** Headings, paragraphs, lists, tables and code of a Word document; images and macros are left out. */
export async function convertDocx(content: Uint8Array): Promise<string> {
  if (compoundFile.every((byte, index) => content[index] === byte))
    throw new UnreadableDocument('Encrypted', 'the document has a password, or is of a format before docx');
  checkArchive(content);
  const { value } = await mammoth.convertToHtml(
    { buffer: Buffer.from(content) },
    {
      styleMap,
      ignoreEmptyParagraphs: true,
      convertImage: mammoth.images.imgElement(() => Promise.resolve({ src: '' })),
    },
  );
  const tree = fromHtml(value, { fragment: true });
  giveTablesHeads(tree);
  const markdown = writeMarkdown(toMdast(tree, { handlers: { img: () => undefined } }));
  if (markdown.trim() === '') throw new UnreadableDocument('NoText', 'the document has no text');
  return markdown;
}

/** Word seldom marks the first row of a table as its head, and Markdown knows no table without one. */
function giveTablesHeads(node: Nodes): void {
  if (node.type === 'element' && node.tagName === 'table') {
    const first = firstRow(node);
    for (const cell of first?.children ?? []) if (cell.type === 'element' && cell.tagName === 'td') cell.tagName = 'th';
  }
  if ('children' in node) node.children.forEach(giveTablesHeads);
}

function firstRow(node: Element): Element | undefined {
  for (const child of node.children) {
    if (child.type !== 'element') continue;
    const row = child.tagName === 'tr' ? child : firstRow(child);
    if (row !== undefined) return row;
  }
  return undefined;
}
