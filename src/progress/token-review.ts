import { createHash } from 'node:crypto';
import type { Transport } from '../controller/transport.ts';

/** The pod that a token was made for. */
export interface PodIdentity {
  namespace: string;
  name: string;
  uid: string;
}

export type ReviewToken = (token: string) => Promise<PodIdentity | undefined>;

interface TokenReview {
  status?: {
    authenticated?: boolean;
    audiences?: string[];
    user?: { username?: string; extra?: Record<string, string[]> };
  };
}

const path = '/apis/authentication.k8s.io/v1/tokenreviews';
const accountName = /^system:serviceaccount:([^:]+):[^:]+$/;
const extra = 'authentication.kubernetes.io';

function identityOf({ status }: TokenReview, audience: string): PodIdentity | undefined {
  if (status?.authenticated !== true || status.audiences?.includes(audience) !== true) return undefined;
  const namespace = accountName.exec(status.user?.username ?? '')?.[1];
  const name = status.user?.extra?.[`${extra}/pod-name`]?.[0];
  const uid = status.user?.extra?.[`${extra}/pod-uid`]?.[0];
  return namespace && name && uid ? { namespace, name, uid } : undefined;
}

/** Ask the API server whose token this is. Undefined: nobody's, or not made for this audience, or not bound to a pod. */
export const tokenReviewer =
  (transport: Transport, audience: string): ReviewToken =>
  async (token) => {
    const body = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token, audiences: [audience] },
    };
    return identityOf((await transport.request('POST', path, { body })) as TokenReview, audience);
  };

interface Cached {
  identity: Promise<PodIdentity | undefined>;
  until: number;
}

const maxEntries = 10_000;

/** Remember answers for a minute, by a hash: tokens are not kept in memory. Failed requests are not remembered. */
export function cachedReviews(review: ReviewToken, cacheMs = 60_000, now: () => number = Date.now): ReviewToken {
  const cache = new Map<string, Cached>();

  return (token) => {
    const hash = createHash('sha256').update(token).digest('base64');
    const known = cache.get(hash);
    if (known !== undefined && known.until > now()) return known.identity;
    const identity = review(token);
    identity.catch(() => cache.delete(hash));
    const oldest = cache.keys().next().value;
    if (cache.size >= maxEntries && oldest !== undefined) cache.delete(oldest);
    cache.delete(hash);
    cache.set(hash, { identity, until: now() + cacheMs });
    return identity;
  };
}
