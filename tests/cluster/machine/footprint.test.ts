import { expect, test } from 'vitest';
import { withoutDocker } from './footprint.ts';

const before = ['*filter', ':INPUT ACCEPT [0:0]', '-A INPUT -p tcp --dport 22 -j ACCEPT', 'COMMIT'];

test("Docker's chains and rules go, and the machine's own rules stay", () => {
  const now = [
    '*filter',
    ':INPUT ACCEPT [0:0]',
    ':DOCKER - [0:0]',
    ':DOCKER-USER - [0:0]',
    '-A INPUT -p tcp --dport 22 -j ACCEPT',
    '-A FORWARD -o br-0123456789ab -j DOCKER',
    '-A FORWARD -i docker0 ! -o docker0 -j ACCEPT',
    '-A DOCKER-USER -j RETURN',
    'COMMIT',
  ];
  expect(withoutDocker(now.join('\n'), before.join('\n'))).toBe(before.join('\n'));
});

test('a rule that someone else added meanwhile stays', () => {
  const now = [...before.slice(0, -1), '-A INPUT -s 192.0.2.1/32 -j DROP', 'COMMIT'].join('\n');
  expect(withoutDocker(now, before.join('\n'))).toBe(now);
});

test("rules of a Docker that was there before stay, as they are not this project's", () => {
  const earlier = [...before, '-A FORWARD -i docker0 -j ACCEPT'].join('\n');
  expect(withoutDocker(`${earlier}\n-A FORWARD -o br-0123456789ab -j DOCKER`, earlier)).toBe(earlier);
});
