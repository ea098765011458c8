import { beforeAll, describe, expect, inject, test } from 'vitest';
import { badSpecs, goodSpecs } from '../../src/api/v1alpha1/fixtures/index.ts';
import { apiVersion, group, kinds, version } from '../../src/api/v1alpha1/index.ts';
import type { Kind } from '../../src/api/v1alpha1/index.ts';
import { ApiError } from '../../src/controller/errors.ts';
import { pathOf } from '../../src/controller/paths.ts';
import type { ReconciledObject } from '../../src/controller/reconciler.ts';
import { adminTransport } from './install.ts';
import { freshNamespace } from './namespace.ts';

interface Served extends ReconciledObject<{ phase?: string }> {
  spec: unknown;
}

const admin = adminTransport(inject('apiServer'));
let namespace: string;
let count = 0;

const pathFor = ({ kind, plural }: Kind, name?: string): string =>
  pathOf({ group, version, kind, plural }, namespace, name);

async function create(kind: Kind, spec: unknown): Promise<Served> {
  count += 1;
  const body = { apiVersion, kind: kind.kind, metadata: { name: `fixture-${count}` }, spec };
  return (await admin.request('POST', pathFor(kind), { body })) as Served;
}

beforeAll(async () => {
  namespace = await freshNamespace(admin, 'kinds');
});

describe('the API server accepts what the parser accepts, and fills in the same defaults', () => {
  test.each(goodSpecs.map((fixture) => [`${fixture.kind.kind}: ${fixture.title}`, fixture] as const))(
    '%s',
    async (_title, { kind, spec }) => {
      const served = await create(kind, spec);
      expect(served.spec).toEqual(kind.spec.parse(spec));
    },
  );
});

describe('the API server refuses what the parser refuses, and blames the same field', () => {
  test.each(badSpecs.map((fixture) => [`${fixture.kind.kind}: ${fixture.title}`, fixture] as const))(
    '%s',
    async (_title, { kind, spec, field, says = '' }) => {
      const refusal: unknown = await create(kind, spec).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(ApiError);
      expect((refusal as ApiError).code).toBe(422);
      expect((refusal as ApiError).message).toContain(field);
      expect((refusal as ApiError).message).toContain(says);
    },
  );
});

describe('each kind', () => {
  test.each(kinds.map((kind) => [kind.kind, kind] as const))('%s has a status of its own', async (_name, kind) => {
    const { spec } = goodSpecs.find((fixture) => fixture.kind === kind)!;
    const { metadata } = await create(kind, spec);
    const status = { phase: 'Ready' };
    const contentType = 'application/merge-patch+json';
    const path = pathFor(kind, metadata.name);
    const unchanged = (await admin.request('PATCH', path, { body: { status }, contentType })) as Served;
    expect(unchanged.status).toBeUndefined();
    const changed = (await admin.request('PATCH', `${path}/status`, { body: { status }, contentType })) as Served;
    expect(changed.status).toEqual(status);
    expect(changed.metadata.generation).toBe(1);
  });

  test.each(kinds.map((kind) => [kind.kind, kind] as const))('%s is found by its short name', async (_name, kind) => {
    const { resources } = (await admin.request('GET', `/apis/${group}/${version}`)) as {
      resources: { name: string; shortNames?: string[]; categories?: string[] }[];
    };
    const resource = resources.find(({ name }) => name === kind.plural);
    expect(resource?.shortNames).toEqual([kind.shortName]);
    expect(resource?.categories).toEqual(['all', 'finetune']);
  });
});
