import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';

export interface CommandOptions {
  env?: NodeJS.ProcessEnv | undefined;
  cwd?: string | undefined;
  /** Text for standard input; without it the command reads nothing. */
  input?: string | undefined;
  /** Milliseconds after which the command is killed and the call fails. */
  timeout?: number | undefined;
  /** File that receives both outputs as they come, for work that takes minutes. */
  log?: string | undefined;
}

/** A command that exited non-zero; `output` is its standard error, or its output where that is empty. */
export class CommandFailed extends Error {
  readonly code: number | null;
  readonly output: string;
  constructor(command: string, code: number | null, output: string) {
    super(`"${command}" failed with ${code === null ? 'a signal' : `code ${code}`}: ${output.trim().slice(-2000)}`);
    this.code = code;
    this.output = output;
  }
}

/** Run a program without a shell and give its standard output. Throws `CommandFailed` on any exit but 0. */
export async function run(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const child = spawn(program, args, {
    env: options.env ?? process.env,
    cwd: options.cwd,
    timeout: options.timeout,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  const log: Writable | undefined =
    options.log === undefined ? undefined : createWriteStream(options.log, { flags: 'a' });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => (out.push(chunk), log?.write(chunk)));
  child.stderr?.on('data', (chunk: Buffer) => (err.push(chunk), log?.write(chunk)));
  // a program that exits before it read all of its input is judged by its exit code, not by the broken pipe
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.input);
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail);
    child.once('close', done);
  });
  log?.end();
  const stdout = Buffer.concat(out).toString();
  if (code === 0) return stdout;
  throw new CommandFailed([program, ...args].join(' '), code, Buffer.concat(err).toString() || stdout);
}

/** Whether a program ends with exit code 0; a program that does not exist counts as no. */
export async function succeeds(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<boolean> {
  try {
    await run(program, args, options);
    return true;
  } catch {
    return false;
  }
}

/** Run a program and feed its standard output to another one, as `tar | docker import` needs it. */
export async function pipe(
  from: readonly string[],
  to: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const [source, ...sourceArgs] = from;
  const [sink, ...sinkArgs] = to;
  if (source === undefined || sink === undefined) throw new Error('a pipe needs two commands');
  const env = options.env ?? process.env;
  const left = spawn(source, sourceArgs, { env, cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const right = spawn(sink, sinkArgs, { env, cwd: options.cwd, stdio: [left.stdout, 'pipe', 'pipe'] });
  // only the sink may hold the read end, else the source never learns that the sink is gone
  left.stdout.destroy();
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  right.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  for (const stream of [left.stderr, right.stderr]) stream.on('data', (chunk: Buffer) => err.push(chunk));
  const codes = await Promise.all(
    [left, right].map(
      (child) => new Promise<number | null>((done, fail) => child.once('error', fail).once('close', done)),
    ),
  );
  if (codes.every((code) => code === 0)) return Buffer.concat(out).toString();
  const failure = codes.find((code) => code !== 0) ?? null;
  throw new CommandFailed(`${from.join(' ')} | ${to.join(' ')}`, failure, Buffer.concat(err).toString());
}
