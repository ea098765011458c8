import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitSession } from './command.ts';
import { git, remote } from './command.ts';
import { renderPinned } from './pinned.ts';
import { prepareSsh } from './ssh.ts';

/** variables of the container that git's transport needs; all others stay out */
const passedThrough = new Set([
  'PATH',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
]);

export interface SessionOptions {
  /** folder mounted from the Secret; undefined where it is not meant for this address */
  credentials: string | undefined;
  /** addresses of a host that was checked, the only ones that may be connected to; undefined for the host of the spec */
  pinned?: readonly string[];
  /** an empty folder for this repository alone */
  scratch: string;
  signal: AbortSignal;
}

/** An empty bare repository with nothing of the system's or the user's configuration, no hooks and no other transports. */
export async function openSession(
  url: URL,
  { credentials, pinned, scratch, signal }: SessionOptions,
): Promise<GitSession> {
  const folder = join(scratch, 'repository');
  const home = join(scratch, 'home');
  await mkdir(folder, { recursive: true });
  await mkdir(home);
  await writeFile(join(home, 'config'), renderConfig(url, pinned));
  const askpass = join(home, 'askpass');
  await writeFile(askpass, askpassScript, { mode: 0o700 });
  const access = url.protocol === 'ssh:' ? await prepareSsh(credentials, home) : passwordAccess(url, credentials);
  const environment: NodeJS.ProcessEnv = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => passedThrough.has(name))),
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: join(home, 'config'),
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: askpass,
    ...access,
  };
  const session = { folder, environment, signal };
  await git(session, ['init', '--quiet', '--bare', '--template=', '.']);
  return session;
}

const passwordAccess = (url: URL, credentials: string | undefined): NodeJS.ProcessEnv =>
  credentials === undefined
    ? {}
    : { DOCTUNE_CREDENTIALS: credentials, DOCTUNE_PROTOCOL: url.protocol.replace(':', ''), DOCTUNE_HOST: url.host };

/** Answers git's questions from the mounted Secret, and only for the host of the spec: a redirect gets nothing. */
const askpassScript = `#!/bin/sh
[ -n "$DOCTUNE_CREDENTIALS" ] || exit 1
case "$1" in
  "Username for '$DOCTUNE_PROTOCOL://$DOCTUNE_HOST': ")
    if [ -f "$DOCTUNE_CREDENTIALS/username" ]; then exec cat "$DOCTUNE_CREDENTIALS/username"; else echo git; fi ;;
  "Password for '$DOCTUNE_PROTOCOL://"*"@$DOCTUNE_HOST': ") exec cat "$DOCTUNE_CREDENTIALS/password" ;;
  *) exit 1 ;;
esac
`;

function renderConfig(url: URL, pinned: readonly string[] | undefined): string {
  const name = url.protocol.replace(':', '');
  const sections = [
    '[core]\n\thooksPath = /dev/null\n\taskPass =',
    '[credential]\n\thelper =',
    '[gc]\n\tauto = 0',
    // packs stay packs: loose objects would be made in memory, whatever their size
    '[fetch]\n\trecurseSubmodules = false\n\tnegotiationAlgorithm = noop\n\tunpackLimit = 1',
    // a connection slower than 1 kB/s for a minute is dead; where a server leads is looked at before (`settle`)
    '[http]\n\tlowSpeedLimit = 1000\n\tlowSpeedTime = 60\n\tfollowRedirects = false',
    // by configuration, not by argument of each call: a lazy fetch must know the remote
    `[remote "${remote}"]\n\turl = ${quote(url.href)}`,
    '[protocol]\n\tallow = never',
    `[protocol "${name}"]\n\tallow = always`,
  ];
  if (pinned !== undefined && pinned.length > 0) sections.push(renderPinned(url, pinned));
  // a claim's files belong to whoever wrote them; only this one repository is trusted to be another user's
  if (url.protocol === 'file:') sections.push(`[safe]\n\tdirectory = ${quote(decodeURIComponent(url.pathname))}`);
  return `${sections.join('\n')}\n`;
}

/** A value of git's configuration; an address and a path of a claim hold no line breaks. */
const quote = (value: string): string => `"${value.replace(/["\\]/g, '\\$&')}"`;
