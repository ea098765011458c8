import type { Manifest } from '../../../contract/rows.ts';

const meaning: Record<string, string> = {
  'train.jsonl': 'trained',
  'validation.jsonl': 'watched during training: other wordings of trained facts, and unseen documents',
  'test.jsonl': 'documents that are not trained',
  'recall.jsonl': 'other wordings of trained facts, held back',
  'rejected.jsonl': 'not taken, each with its reason',
};

/** The dataset card: what is in it and where it comes from. */
export function renderCard(manifest: Manifest): string {
  const { name, sources, files, tasks, rejected, generator, split, seed } = manifest;
  return (
    [
      `# ${name}`,
      'Questions and answers generated from documents. Every row names its source, its place there and the quote that proves it.',
      table(
        ['file', 'rows', 'what it is'],
        files.map((file) => [`\`${file.path}\``, file.rows, meaning[file.path] ?? '']),
      ),
      '## Sources',
      table(
        ['source', 'documents', 'digest'],
        sources.map((source) => [source.name, source.documents, `\`${source.digest}\``]),
      ),
      '## How it was made',
      table(
        ['setting', 'value'],
        [...Object.entries({ ...generator, seed }), ...Object.entries(split)].map(([key, value]) => [
          key,
          render(value),
        ]),
      ),
      '## Tasks',
      table(['task', 'rows'], Object.entries(tasks)),
      '## Rejected',
      table(['reason', 'rows'], Object.entries(rejected)),
    ].join('\n\n') + '\n'
  );
}

const render = (value: unknown): string => (typeof value === 'string' ? value : `\`${JSON.stringify(value)}\``);

function table(header: string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
