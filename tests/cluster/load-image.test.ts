import { expect, test } from 'vitest';
import { fullName } from './load-image.ts';

test.each([
  ['doctune/operator:1', 'docker.io/doctune/operator:1'],
  ['busybox:1', 'docker.io/library/busybox:1'],
  ['registry.example/team/image:1', 'registry.example/team/image:1'],
  ['localhost/image:1', 'localhost/image:1'],
  ['localhost:5000/image:1', 'localhost:5000/image:1'],
])('a node knows "%s" as "%s"', (reference, name) => {
  expect(fullName(reference)).toBe(name);
});
