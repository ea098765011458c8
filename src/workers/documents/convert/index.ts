/** formats that are kept as Markdown */
export const convertedFormats = ['pdf', 'docx', 'notebook'] as const;
export type ConvertedFormat = (typeof convertedFormats)[number];

/** A document as Markdown. Throws UnreadableDocument, or whatever the reader of its format throws. */
export async function convertDocument(format: ConvertedFormat, content: Uint8Array): Promise<string> {
  // each reader is loaded when it is needed, for some are large
  switch (format) {
    case 'pdf':
      return (await import('./pdf/index.ts')).convertPdf(content);
    case 'docx':
      return (await import('./docx.ts')).convertDocx(content);
    case 'notebook':
      return (await import('./notebook.ts')).convertNotebook(content);
  }
}
