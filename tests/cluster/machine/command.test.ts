import { expect, test } from 'vitest';
import { CommandFailed, pipe, run, succeeds } from './command.ts';

test('arguments reach the program as they are, without a shell', async () => {
  expect(await run('printf', ['%s|', '$HOME', 'a b', ';'])).toBe('$HOME|a b|;|');
});

test('the input is given to the program', async () => {
  expect(await run('cat', [], { input: 'text' })).toBe('text');
});

test('a failure names the command, its exit code and what it said', async () => {
  const failure = run('sh', ['-c', 'echo reason >&2; exit 3']);
  await expect(failure).rejects.toThrow(CommandFailed);
  await expect(failure).rejects.toThrow(/failed with code 3: reason/);
});

test('a program that takes longer than its limit is ended', async () => {
  await expect(run('sleep', ['60'], { timeout: 100 })).rejects.toThrow(/failed with a signal/);
});

test('a program that does not exist does not succeed', async () => {
  expect(await succeeds('no-such-program', [])).toBe(false);
});

test('a pipe gives what the second program makes of the output of the first one', async () => {
  expect(await pipe(['printf', 'b\na\n'], ['sort'])).toBe('a\nb\n');
});

test('a pipe fails with the first program, even if the second one is content', async () => {
  await expect(pipe(['false'], ['cat'])).rejects.toThrow(/"false | cat" failed/);
});
