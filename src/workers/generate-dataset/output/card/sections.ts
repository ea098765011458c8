import type { Report } from '../../../../contract/report.ts';
import type { Manifest } from '../../../../contract/rows.ts';
import { byCount, code, percent, section, tableOf } from './table.ts';

const meaning: Record<string, string> = {
  'train.jsonl': 'trained',
  'validation.jsonl': 'watched during training: other wordings of trained facts, and unseen documents',
  'test.jsonl': 'about documents that are not trained: does the model still behave, what did it forget?',
  'recall.jsonl': 'other wordings of trained facts, held back: does the model know these documents?',
  'text.jsonl': 'text of the documents that are trained, for a training on it before that on rows',
  'rejected.jsonl': 'not taken, each with stage and reason',
};

export const filesSection = ({ files }: Manifest): string[] =>
  section(
    'Files',
    tableOf(
      ['file', 'rows', 'what it is for'],
      files.map(({ path, rows }) => [code(path), path.endsWith('.json') ? '' : rows, meaning[path] ?? aboutFile(path)]),
    ),
  );

function aboutFile(path: string): string {
  if (path.endsWith('dataset_info.json')) return 'tells LLaMA-Factory how to read the files beside it';
  const [, form] = /^formats\/([^/]+)\//.exec(path) ?? [];
  if (form !== undefined) return `the rows as ${form}`;
  return path.startsWith('review/') ? 'a sample for human reviewers' : '';
}

export const sourcesSection = ({ sources }: Manifest): string[] =>
  section(
    'Sources',
    tableOf(
      ['source', 'documents', 'address', 'revision', 'licences', 'digest'],
      sources.map(({ name, documents, url = '', revision = '', licences = {}, digest }) => [
        name,
        documents,
        url,
        revision === '' ? '' : code(revision),
        byCount(licences)
          .map(([licence, count]) => `${licence} (${count})`)
          .join(', '),
        code(digest),
      ]),
    ),
  );

export function makingSection(manifest: Manifest): string[] {
  const { generator, split, seed, chunks, parent, prompts = {} } = manifest;
  const settings = { ...generator, seed, chunks, ...split, ...(parent == null ? {} : { parent }) };
  return section(
    'How it was made',
    tableOf(
      ['setting', 'value'],
      Object.entries(settings).map(([key, value]) => [key, shown(value)]),
    ),
    tableOf(
      ['prompt', 'digest'],
      Object.entries(prompts).map(([name, digest]) => [name, code(digest)]),
    ),
  );
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : code(JSON.stringify(value)));

export const tasksSection = ({ coverage }: Report): string[] =>
  section(
    'Tasks',
    tableOf(
      ['task', 'rows', 'documents'],
      Object.entries(coverage.byTask).map(([task, { rows, documents }]) => [task, rows, documents]),
    ),
  );

export const rejectedSection = ({ rejected }: Report): string[] =>
  section(
    'Rejected',
    tableOf(['stage', 'rows'], byCount(rejected.byStage)),
    tableOf(['reason', 'rows'], byCount(rejected.byReason)),
  );

export function tokensSection({ tokens }: Report): string[] {
  if (tokens === null) return [];
  const { prompt, answer, total, over, tokenizer } = tokens;
  const lengths = Object.entries({ prompt, answer, total }).flatMap(([name, found]) =>
    found === null ? [] : [[name, found.p50, found.p90, found.p95, found.p99, found.max]],
  );
  return section(
    'Length in tokens',
    `Counted by ${code(tokenizer)}.`,
    tableOf(['part', 'median', '90 %', '95 %', '99 %', 'longest'], lengths),
    tableOf(
      ['maxLength', 'rows above it', 'share'],
      over.map(({ limit, rows, share }) => [limit, rows, percent(share)]),
    ),
  );
}

export const warningsSection = ({ warnings }: Report): string[] =>
  section('Warnings', warnings.map((warning) => `- ${warning}`).join('\n'));
