import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkerFailure } from '../../shell/failure.ts';
import type { GitSession } from './command.ts';
import { git } from './command.ts';

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
const protocols = ['http', 'https', 'file'];

/** An empty bare repository with nothing of the system's or the user's configuration, no hooks and no other transports. */
export async function openSession(
  url: URL,
  credentials: string | undefined,
  scratch: string,
  signal: AbortSignal,
): Promise<GitSession> {
  const folder = join(scratch, 'repository');
  const home = join(scratch, 'home');
  await mkdir(folder);
  await mkdir(home);
  await writeFile(join(home, 'config'), renderConfig(url));
  const askpass = join(home, 'askpass');
  await writeFile(askpass, askpassScript, { mode: 0o700 });
  const environment: NodeJS.ProcessEnv = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => passedThrough.has(name))),
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: join(home, 'config'),
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: askpass,
    ...(credentials === undefined ? {} : { ...originOf(url), DOCTUNE_CREDENTIALS: credentials }),
  };
  const session = { folder, environment, signal };
  await git(session, ['init', '--quiet', '--bare', '--template=', '.']);
  return session;
}

const originOf = (url: URL): NodeJS.ProcessEnv => ({
  DOCTUNE_PROTOCOL: url.protocol.replace(':', ''),
  DOCTUNE_HOST: url.host,
});

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

function renderConfig(url: URL): string {
  const sections = [
    '[core]\n\thooksPath = /dev/null\n\taskPass =',
    '[credential]\n\thelper =',
    '[gc]\n\tauto = 0',
    '[fetch]\n\trecurseSubmodules = false\n\tnegotiationAlgorithm = noop',
    // a connection slower than 1 kB/s for a minute is dead
    '[http]\n\tlowSpeedLimit = 1000\n\tlowSpeedTime = 60',
    '[protocol]\n\tallow = never',
    ...protocols.map((name) => `[protocol "${name}"]\n\tallow = always`),
  ];
  // a claim's files belong to whoever wrote them; only this one repository is trusted to be another user's
  if (url.protocol === 'file:')
    sections.push(`[safe]\n\tdirectory = ${JSON.stringify(decodeURIComponent(url.pathname))}`);
  return `${sections.join('\n')}\n`;
}

/** Check spec.git.url. Throws a `config` failure for other transports and for credentials within the address. */
export function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !protocols.includes(url.protocol.replace(':', ''))) {
    throw new WorkerFailure('config', 'UrlNotSupported', 'spec.git.url must begin with http://, https:// or file://');
  }
  if (url.username !== '' || url.password !== '') {
    const message = 'spec.git.url holds credentials: move them into a Secret and name it in spec.git.secretRef';
    throw new WorkerFailure('config', 'CredentialsInUrl', message);
  }
  return url;
}
