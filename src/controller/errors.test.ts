import { describe, expect, test } from 'vitest';
import { ActionError, ApiError, NotLeaderError, sortTrouble } from './errors.ts';

const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'train-1' } };
const refused = (code: number, message: string, causes: string[] = []): ApiError =>
  new ApiError(code, { message, details: { causes: causes.map((reason) => ({ reason })) } });

describe('trouble is sorted by what helps against it', () => {
  test.each([
    ['an object that the server finds invalid', refused(422, 'spec.x: invalid'), 'stalled', 'InvalidObject'],
    ['a malformed request', refused(400, 'bad'), 'stalled', 'InvalidObject'],
    ['a namespace that is going away', refused(403, 'no', ['NamespaceTerminating']), 'waiting', 'NamespaceTerminating'],
    ['a quota that is used up', refused(403, 'exceeded quota: gpus'), 'retry', 'QuotaExceeded'],
    ['a missing permission', refused(403, 'jobs is forbidden'), 'retry', 'Forbidden'],
    ['a conflict', refused(409, 'changed'), 'retry', 'Conflict'],
    ['a failing server', refused(500, 'etcd'), 'retry', 'ServerError'],
    ['a lost connection', Object.assign(new Error('reset'), { code: 'ECONNRESET' }), 'retry', 'Unreachable'],
    ['a lost lease', new NotLeaderError(), 'waiting', 'NotLeader'],
    ['a defect of ours', new TypeError('x is undefined'), 'retry', 'InternalError'],
    ['something that is not an error', 'text', 'retry', 'InternalError'],
  ])('%s', (_name, error, sort, reason) => expect(sortTrouble(error)).toMatchObject({ sort, reason }));

  test('a busy server is given the time it asks for', () => {
    expect(sortTrouble(new ApiError(429, {}, 7))).toMatchObject({ sort: 'retry', retryAfterSeconds: 7 });
    expect(sortTrouble(new ApiError(429, {}))).toMatchObject({ retryAfterSeconds: 1 });
  });

  test('a failed action names its object, and is sorted by its cause', () => {
    expect(sortTrouble(new ActionError('apply', job, refused(422, 'spec.x: invalid')))).toEqual({
      sort: 'stalled',
      reason: 'InvalidObject',
      message: 'Job "train-1" cannot be applied: spec.x: invalid',
    });
  });
});
