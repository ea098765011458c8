import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { rowSchema, type Manifest } from '../../../../contract/rows.ts';
import { createReport } from '../../report/index.ts';
import { renderCard } from '../card.ts';

const sha256 = '0'.repeat(64);
const manifest: Manifest = {
  version: 1,
  name: 'fastify-docs',
  sources: [
    {
      name: 'fastify',
      digest: `sha256:${sha256}`,
      documents: 3,
      url: 'https://github.com/fastify/fastify',
      revision: 'main@sha1:abc',
      licences: { MIT: 3 },
    },
  ],
  prompts: { answer: `sha256:${sha256}` },
  generator: { name: 'openai', model: 'deep | seek' },
  chunks: 9,
  seed: 42,
  split: { train: 0.8 },
  files: [
    { path: 'train.jsonl', rows: 8, sha256 },
    { path: 'test.jsonl', rows: 0, sha256 },
    { path: 'recall.jsonl', rows: 2, sha256 },
    { path: 'formats/alpaca/train.jsonl', rows: 8, sha256 },
    { path: 'formats/alpaca/dataset_info.json', rows: 0, sha256 },
    { path: 'rejected.jsonl', rows: 2, sha256 },
  ],
  tasks: {},
  rejected: {},
};

const report = (licences: Record<string, number>, warnings: string[] = []) =>
  createReport({ seed: 1 }).finish({
    tokenizer: null,
    corpus: { documents: [], chunks: [] },
    covered: new Set(),
    cleanliness: { documents: 3, cleaned: 1, converted: 0, changes: { 'zero-width': 2 }, redactions: {}, licences },
    consistency: { dates: { before: 3, after: 0 } },
    duplicates: { question: 1 },
    contamination: null,
    augmentation: { MADE: 4 },
    mixture: null,
    review: null,
    delta: null,
    rejected: { byStage: { check: 2 }, byReason: { NO_EVIDENCE: 2 } },
    warnings,
  });

const frontMatter = (card: string): Record<string, unknown> =>
  parse(card.split('---\n')[1] ?? '') as Record<string, unknown>;

describe('[T39] the dataset card', () => {
  test('has the head that the Hugging Face hub reads; files without rows are no split', () => {
    const head = frontMatter(renderCard(manifest, report({ MIT: 3 })));
    expect(head).toMatchObject({ pretty_name: 'fastify-docs', license: 'mit', size_categories: ['n<1K'] });
    expect(head.configs).toEqual([
      {
        config_name: 'default',
        default: true,
        data_files: [
          { split: 'train', path: 'train.jsonl' },
          { split: 'recall', path: 'recall.jsonl' },
        ],
      },
      { config_name: 'alpaca', data_files: [{ split: 'train', path: 'formats/alpaca/train.jsonl' }] },
    ]);
  });

  test('declares the columns of rows, so that no loader guesses them from values that are null', () => {
    const head = frontMatter(renderCard(manifest, report({})));
    const [{ config_name: config, features }] = head.dataset_info as [
      { config_name: string; features: { name: string }[] },
    ];
    expect(config).toBe('default');
    expect(features.map(({ name }) => name)).toEqual(Object.keys(rowSchema.shape));
    const feature = (wanted: string) => features.find(({ name }) => name === wanted);
    expect(feature('probe')).toEqual({ name: 'probe', dtype: 'string' });
    expect(feature('messages')).toEqual({
      name: 'messages',
      list: [
        { name: 'role', dtype: 'string' },
        { name: 'content', dtype: 'string' },
      ],
    });
    expect(feature('parents')).toEqual({ name: 'parents', list: 'string' });
    expect(feature('tokens')).toMatchObject({ struct: [{ name: 'prompt', dtype: 'int64' }, { name: 'answer' }] });
  });

  test.each<[string, Record<string, number>, object]>([
    ['several', { MIT: 1, 'Apache-2.0': 1 }, { license: ['apache-2.0', 'mit'] }],
    ['one with a suffix', { 'GPL-3.0-or-later': 1, unknown: 1 }, { license: 'gpl-3.0' }],
    ['a strange one', { 'Foo-1': 1, MIT: 1 }, { license: 'other', license_name: 'Foo-1, MIT' }],
    ['none', { unknown: 3 }, { license: 'unknown' }],
  ])('tells licences: %s', (_, licences, expected) => {
    expect(frontMatter(renderCard(manifest, report(licences)))).toMatchObject(expected);
  });

  test('tells sources, settings, cleanliness, consistency, rejected rows and warnings', () => {
    const card = renderCard(manifest, report({ MIT: 3 }, ['fewer than 500 rows']));
    const expected = [
      '# fastify-docs',
      '- fewer than 500 rows',
      'https://github.com/fastify/fastify | `main@sha1:abc` | MIT (3)',
      '| model | deep \\| seek |',
      '| zero-width | 2 |',
      '| dates | 3 | 0 |',
      '| NO_EVIDENCE | 2 |',
      '| MADE | 4 |',
      '| `formats/alpaca/train.jsonl` | 8 | the rows as alpaca |',
      '## Limits',
    ];
    for (const part of expected) expect(card).toContain(part);
    expect(card).not.toContain('Length in tokens');
  });

  test('does not claim quotes for rows that were made elsewhere', () => {
    expect(renderCard({ ...manifest, sources: [] }, report({}))).toContain('no quote proves it');
  });
});
