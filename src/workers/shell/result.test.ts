import { expect, test } from 'vitest';
import { exitCode } from '../../contract/exit-codes.ts';
import { generateSummarySchema, maxResultBytes, parseResult, type Success } from '../../contract/result.ts';
import { asFailure, WorkerFailure } from './failure.ts';
import { parseInput } from './input.ts';
import { failureResult, renderResult } from './result.ts';

const success = (byReason: Record<string, number>): Success<'generate-dataset'> => ({
  version: 1,
  exitCode: 0,
  reason: 'Generated',
  message: 'x'.repeat(1024),
  artifact: {
    uri: `pvc://doctune-artifacts/artifacts/datasets/${'0'.repeat(64)}`,
    digest: `sha256:${'0'.repeat(64)}`,
    size: 1,
  },
  summary: generateSummarySchema.parse({
    rows: { train: 1, validation: 1, test: 1, recall: 1, rejected: 5050, byReason },
    usage: { requests: 0, inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 },
    coverage: 1,
    chunks: { total: 1, done: 1 },
  }),
});

test('a result with a long map fits the termination message, and no count is lost', () => {
  const reasons = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [`REASON_${'Y'.repeat(50)}_${index}`, index + 1]),
  );
  const text = renderResult(success(reasons));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxResultBytes);
  const result = parseResult('generate-dataset', text) as Success<'generate-dataset'>;
  const kept = Object.values(result.summary.rows.byReason);
  expect(kept.reduce((sum, count) => sum + count, 0)).toBe(5050);
  expect(Math.max(...kept.slice(0, -1))).toBe(100);
});

test('a status has room for every reason that a result tells', () => {
  const reasons = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`R${index}`, index + 1]));
  const result = parseResult('generate-dataset', renderResult(success(reasons))) as Success<'generate-dataset'>;
  const { byReason } = result.summary.rows;
  // as many as status.rows.byReason may have
  expect(Object.keys(byReason)).toHaveLength(32);
  expect(byReason['other']).toBe((29 * 30) / 2);
});

test('a failure becomes a result with its exit code and a message that fits', () => {
  const result = failureResult(new WorkerFailure('source', 'RefNotFound', 'ü'.repeat(5000)));
  expect(result).toMatchObject({ reason: 'RefNotFound', exitCode: exitCode('source') });
  expect(parseResult('fetch-documents', renderResult(result))).toBeDefined();
});

test('a full disk and an unknown error are told apart', () => {
  expect(asFailure(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))).toMatchObject({ exit: 'disk' });
  expect(asFailure(Object.assign(new Error('read only'), { code: 'EROFS' }))).toMatchObject({ exit: 'export' });
  expect(asFailure(new TypeError('bug'))).toMatchObject({ exit: 'internal', reason: 'UnexpectedError' });
});

test('a wrong input names its field', () => {
  const wrong = JSON.stringify({ version: 1, run: { namespace: 'a', name: 'b', id: 'abcdef12' }, limits: {} });
  expect(() => parseInput('fetch-documents', wrong)).toThrow('input field "source"');
  expect(() => parseInput('fetch-documents', 'nonsense')).toThrow('no JSON');
});
