import { expect, it } from 'vitest';
import { destinationOf } from './reach.ts';

it.each([
  ['https://example.org/docs.git', 443, ['org']],
  ['https://docs.example.org/', 443, []],
  ['http://docs.example.org:8080/', 8080, []],
  ['ssh://git@docs.example.org/docs.git', 22, []],
  ['ssh://git@docs.example.org:2222/docs.git', 2222, []],
  ['git@docs.example.org:team/docs.git', 22, []],
  ['http://vllm/v1', 80, ['']],
  ['http://vllm.models:8000/v1', 8000, ['models']],
  ['http://vllm.models.svc/v1', 80, ['models']],
  ['http://vllm.models.svc.cluster.local/v1', 80, ['models']],
  ['http://10.1.2.3:9000', 9000, []],
  ['http://[fd00::1]:9000', 9000, []],
])('%s leads to port %i, and perhaps to a Service of the namespaces %j', (address, port, namespaces) => {
  expect(destinationOf(address)).toEqual({ port, namespaces });
});

it('what is no address leads nowhere', () => {
  expect(destinationOf('nowhere')).toBeUndefined();
  expect(destinationOf('ftp://example.org/')).toBeUndefined();
});
