import { z } from 'zod';
import { UnreadableDocument } from './failure.ts';

const text = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (Array.isArray(value) ? value.join('') : value));
const outputs = z.array(
  z.object({ output_type: z.string(), text: text.optional(), data: z.record(z.string(), z.unknown()).optional() }),
);
const cell = z.object({ cell_type: z.string(), source: text, outputs: outputs.optional().catch([]) });
/** versions 4 and later of the format */
const notebookSchema = z.object({
  cells: z.array(cell),
  metadata: z
    .object({
      kernelspec: z.object({ language: z.string().optional() }).optional(),
      language_info: z.object({ name: z.string().optional() }).optional(),
    })
    .optional()
    .catch({}),
});

/** an output longer than this says little about the code above it */
const maxOutputLines = 12;
const maxOutputCharacters = 800;

/** Cells in their order: prose as it is, code in fences, short outputs as text; images and html are left out. */
export function convertNotebook(content: Uint8Array): string {
  const { cells, metadata } = readNotebook(content);
  const language = metadata?.language_info?.name ?? metadata?.kernelspec?.language ?? 'python';
  const parts = cells.flatMap(({ cell_type: kind, source, outputs }) => {
    if (source.trim() === '') return [];
    if (kind === 'markdown') return [source.trim()];
    if (kind !== 'code') return [];
    return [fence(source, languageOf(source) ?? language), ...(outputs ?? []).flatMap(shortOutput)];
  });
  if (parts.length === 0) throw new UnreadableDocument('NoText', 'the notebook has no cells with text');
  return `${parts.join('\n\n')}\n`;
}

function readNotebook(content: Uint8Array): z.infer<typeof notebookSchema> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(content));
  } catch (error) {
    throw new UnreadableDocument('BadDocument', 'the notebook is no JSON', { cause: error });
  }
  const notebook = notebookSchema.safeParse(json);
  if (notebook.success) return notebook.data;
  const [issue] = notebook.error.issues;
  throw new UnreadableDocument('BadDocument', `no notebook of format 4: "${issue?.path.join('.')}": ${issue?.message}`);
}

/** of a cell magic such as `%%bash`, which gives the whole cell to another language */
const languageOf = (source: string): string | undefined => /^%%(bash|sh|html|javascript|sql|latex)\b/.exec(source)?.[1];

type Output = z.infer<typeof outputs>[number];

function shortOutput({ output_type: kind, text: stream, data }: Output): string[] {
  const plain = text.optional().safeParse(data?.['text/plain']).data;
  const output = (kind === 'stream' ? stream : plain)?.trimEnd() ?? '';
  // the name of an object in memory, such as <Figure size 640x480>, is not what a reader sees
  if (output.trim() === '' || /^<[^>]*>$/.test(output.trim())) return [];
  const isShort = output.length <= maxOutputCharacters && output.split('\n').length <= maxOutputLines;
  return isShort ? [fence(output, 'text')] : [];
}

/** A fence longer than any run of backticks within. */
function fence(code: string, language: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = '`'.repeat(longest + 1);
  return `${ticks}${language.toLowerCase().replace(/[^\w+#-]/g, '')}\n${code.trimEnd()}\n${ticks}`;
}
