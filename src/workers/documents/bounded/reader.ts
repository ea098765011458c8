import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { DocumentFailure } from '../convert/failure.ts';
import type { Answer, Numbered, Reply, Request } from './messages.ts';
import { residentBytes } from './memory.ts';

export interface ReaderLimits {
  /** for one document */
  seconds: number;
  /** of a child process, with what its program itself needs: about 100 MiB */
  memoryBytes: number;
}

/** A child process that reads one document at a time. */
export interface Reader {
  ask(request: Request): Promise<Answer>;
  /** whether it may read another document */
  isFit(): boolean;
  stop(): Promise<void>;
}

/** readers of documents leak a little; a fresh process forgets it */
const documentsEach = 200;
const watchMilliseconds = 50;
const startSeconds = 60;
/** a process that still holds this share of the limit would let an innocent document fail */
const wornShare = 0.6;

const isBundle = import.meta.url.endsWith('.mjs');
const program = fileURLToPath(new URL(isBundle ? './read-document.mjs' : './read-document.ts', import.meta.url));
/** the only files that the program may read: itself, its libraries and their data */
const readable = fileURLToPath(new URL(isBundle ? './' : '../../../../', import.meta.url));

/** Neither secrets of the environment nor files, processes and add-ons are for who reads untrusted documents. */
export function childOptions({ memoryBytes }: ReaderLimits): Pick<ForkOptions, 'env' | 'execArgv'> {
  const heapMebibytes = Math.max(32, Math.floor((memoryBytes * 0.8) / 2 ** 20));
  return {
    env: {},
    execArgv: [
      `--max-old-space-size=${heapMebibytes}`,
      '--permission',
      `--allow-fs-read=${readable}*`,
      '--no-warnings',
    ],
  };
}

function start(limits: ReaderLimits): ChildProcess {
  const child = fork(program, {
    ...childOptions(limits),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  // an idle child keeps no program running
  for (const handle of handlesOf(child)) handle.unref();
  return child;
}

/** All that the end of a child is told by: `close` comes after the last of them. */
const handlesOf = (child: ChildProcess): { ref(): unknown; unref(): unknown }[] => [
  child,
  ...(child.channel ? [child.channel] : []),
  ...(child.stderr instanceof Socket ? [child.stderr] : []),
];

export function startReader(limits: ReaderLimits): Reader {
  const child = start(limits);
  let errors = '';
  child.stderr?.on('data', (data: Buffer) => (errors = (errors + data.toString()).slice(-2000)));
  // a program that cannot be started ends with an error instead
  const ended = once(child, 'close').catch(() => undefined);
  child.on('error', (error) => (errors += error.message));
  let count = 0;
  let isFit = true;

  return {
    isFit: () => isFit && count < documentsEach && child.connected,
    async ask(request) {
      count += 1;
      if (count === 1) await started(child, () => errors);
      const answer = await exchange(child, limits, { number: count, request });
      if (answer === undefined) return { failure: causeOfEnd(errors) };
      const held = await residentBytes(child.pid ?? 0);
      isFit = held !== undefined && held < limits.memoryBytes * wornShare;
      return answer;
    },
    async stop() {
      // who waits for the end must be kept running until it: a program with nothing else to do ends in the middle otherwise
      for (const handle of handlesOf(child)) handle.ref();
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}

async function started(child: ChildProcess, errors: () => string): Promise<void> {
  const timeout = new AbortController();
  // unlike that of AbortSignal.timeout, this timer keeps the program running while the child starts
  const timer = setTimeout(() => timeout.abort(), startSeconds * 1000);
  const { signal } = timeout;
  const [reply] = await Promise.race([once(child, 'message', { signal }), once(child, 'close', { signal })])
    .catch(() => [undefined])
    .finally(() => clearTimeout(timer));
  const isReady = typeof reply === 'object' && reply !== null && 'ready' in reply;
  if (!isReady) throw new Error(`the program that reads documents did not start: ${errors().trim()}`);
}

/** Hand over a document and wait for its answer, within the limits; undefined when the process ended by itself. */
function exchange(child: ChildProcess, limits: ReaderLimits, message: Numbered): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    let failure: DocumentFailure | undefined;
    const end = (reason: DocumentFailure['reason'], detail: string): void => {
      failure ??= { reason, detail };
      child.kill('SIGKILL');
    };
    const timer = setTimeout(
      () => end('ConvertTimeout', `reading it took longer than ${limits.seconds} s`),
      limits.seconds * 1000,
    );
    const checkMemory = async (): Promise<void> => {
      const held = await residentBytes(child.pid ?? 0);
      if (held !== undefined && held > limits.memoryBytes) end('ConvertOutOfMemory', tooMuchMemory(limits));
    };
    // the heap has its own limit; buffers and WASM lie outside of it
    const watch = setInterval(() => void checkMemory(), watchMilliseconds);
    const finish = (answer: Answer | undefined): void => {
      clearTimeout(timer);
      clearInterval(watch);
      child.off('message', onMessage).off('close', onClose);
      resolve(answer);
    };
    const onMessage = (reply: Reply): void => {
      if ('answer' in reply && reply.number === message.number) finish(reply.answer);
    };
    const onClose = (): void => finish(failure && { failure });
    child.on('message', onMessage).on('close', onClose);
    // an error here means that the process has ended, which `close` tells
    if (child.connected) child.send(message, () => undefined);
    else onClose();
  });
}

const tooMuchMemory = ({ memoryBytes }: ReaderLimits): string =>
  `reading it took more than ${Math.round(memoryBytes / 2 ** 20)} MiB of memory`;

function causeOfEnd(errors: string): DocumentFailure {
  if (errors.includes('heap out of memory'))
    return { reason: 'ConvertOutOfMemory', detail: 'reading it took more memory than the limit' };
  return { reason: 'BadDocument', detail: 'the process that read it ended without an answer' };
}
