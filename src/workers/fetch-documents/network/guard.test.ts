import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import { createGuard, ForbiddenAddress, type Guard, type Resolve } from './guard.ts';

const answering =
  (...answers: string[][]): Resolve =>
  (_host, _options, callback) => {
    const addresses = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };

const look = (guard: Guard, host = 'docs.example'): Promise<string[]> =>
  new Promise((resolve, reject) => {
    guard.lookup(host, { all: true }, (error, addresses) => {
      if (error === null) resolve((addresses as LookupAddress[]).map(({ address }) => address));
      else reject(error);
    });
  });

const forbidden = [
  ...['127.0.0.1', '127.8.8.8', '0.0.0.0', '10.0.0.1', '172.16.9.9', '192.168.1.1', '100.64.0.1', '100.100.100.200'],
  ...['169.254.169.254', '168.63.129.16', '192.0.0.192', '198.18.0.1', '224.0.0.1', '255.255.255.255', '240.0.0.1'],
  ...['::1', '::', '::10.0.0.1', 'fe80::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1', 'fec0::1', '2001:db8::1'],
  ...['::ffff:10.0.0.1', '::ffff:169.254.169.254', '::ffff:127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b::10.0.0.1'],
  ...['64:ff9b:1::8.8.8.8', '2002:a00:1::', '2001::1', '4000::1'],
];
const open = ['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8'];

describe('addresses', () => {
  test.each(forbidden)('%s is refused, written or looked up', async (address) => {
    const guard = createGuard([], answering([address]));
    expect(() => guard.checkLiteral(address)).toThrow(ForbiddenAddress);
    await expect(look(guard)).rejects.toThrow(`"docs.example" at "${address}"`);
  });

  test.each(open)('%s is public', async (address) => {
    const guard = createGuard([], answering([address]));
    guard.checkLiteral(address);
    expect(await look(guard)).toEqual([address]);
  });

  test('a name with one forbidden address among public ones is refused', async () => {
    await expect(look(createGuard([], answering(['8.8.8.8', '10.1.1.1'])))).rejects.toBeInstanceOf(ForbiddenAddress);
  });

  test.each([
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://[::ffff:10.0.0.1]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://①②⑦.⓪.⓪.①/',
  ])('%s is an address in disguise', (url) => {
    expect(() => createGuard([]).checkLiteral(new URL(url).hostname)).toThrow(ForbiddenAddress);
  });
});

describe('allowed networks', () => {
  test('open what they hold and nothing beside it', async () => {
    const guard = createGuard(['10.1.0.0/16', 'fd00:1::/32'], answering(['10.1.2.3'], ['10.2.0.1']));
    guard.checkLiteral('[fd00:1::5]');
    guard.checkLiteral('::ffff:10.1.9.9');
    expect(await look(guard)).toEqual(['10.1.2.3']);
    await expect(look(guard)).rejects.toThrow('allowedNetworks');
  });

  test('a wrong one is told', () => {
    expect(() => createGuard(['10.0.0.0'])).toThrow('write it in CIDR form');
  });
});

test('a lookup for one address answers with one', async () => {
  const guard = createGuard([], answering(['8.8.4.4', '8.8.8.8']));
  const one = await new Promise((resolve) => {
    guard.lookup('docs.example', {}, (_error, address, family) => resolve([address, family]));
  });
  expect(one).toEqual(['8.8.4.4', 4]);
});
