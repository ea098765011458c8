import { describe, expect, test } from 'vitest';
import type { Transport } from '../controller/transport.ts';
import { cachedReviews, tokenReviewer } from './token-review.ts';

const extra = {
  'authentication.kubernetes.io/pod-name': ['pod-1'],
  'authentication.kubernetes.io/pod-uid': ['uid-1'],
};
const good = {
  authenticated: true,
  audiences: ['here'],
  user: { username: 'system:serviceaccount:team:default', extra },
};
const answering = (status: unknown): Transport => ({
  request: () => Promise.resolve({ status }),
  watch: () => {
    throw new Error('no watches here');
  },
  close: () => Promise.resolve(),
});

describe('a reviewed token', () => {
  test('names the pod that it was made for', async () => {
    const identity = await tokenReviewer(answering(good), 'here')('t');
    expect(identity).toEqual({ namespace: 'team', name: 'pod-1', uid: 'uid-1' });
  });

  test.each([
    ['is not authenticated', { ...good, authenticated: false }],
    ['is for another audience', { ...good, audiences: ['there'] }],
    ['has no audience', { ...good, audiences: undefined }],
    ['belongs to a person', { ...good, user: { ...good.user, username: 'jane' } }],
    ['is bound to no pod', { ...good, user: { username: good.user.username } }],
    ['has no status', undefined],
  ])('counts for nobody when it %s', async (_name, status) => {
    expect(await tokenReviewer(answering(status), 'here')('t')).toBeUndefined();
  });
});

describe('answers about tokens', () => {
  test('are remembered for a minute, whether good or bad, but never failed requests', async () => {
    let now = 0;
    const asked: string[] = [];
    const review = cachedReviews(
      (token) => {
        asked.push(token);
        return token === 'fails' ? Promise.reject(new Error('down')) : Promise.resolve(undefined);
      },
      60_000,
      () => now,
    );
    await review('a');
    now = 59_999;
    await review('a');
    now = 60_001;
    await review('a');
    await expect(review('fails')).rejects.toThrow('down');
    await expect(review('fails')).rejects.toThrow('down');
    expect(asked).toEqual(['a', 'a', 'fails', 'fails']);
  });
});
