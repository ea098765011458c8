import { EnvHttpProxyAgent, request } from 'undici';
import { WorkerFailure } from '../../shell/failure.ts';

const mostHops = 5;
const timeoutMs = 30_000;
/** what git asks a server first; servers that speak no more than files have no query */
const advertisement = '/info/refs';

/**
 * The address that a server has its repository at, after redirects within itself: of another name, or from http to https.
 * Git is told to follow none by itself, as it would ask any host that the server names, also one inside the cluster.
 *
 * Throws a `config` failure that names the address to write for a redirect to anywhere else. What cannot be asked, such as a
 * server with a certificate that only git knows, is left to git.
 */
export async function settle(url: URL, signal: AbortSignal): Promise<URL> {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return url;
  let at = url;
  for (let hop = 0; hop < mostHops; hop += 1) {
    const next = await redirectOf(at, signal);
    if (next === undefined) return at;
    if (!isWithin(next, at)) throw moved(next);
    at = next;
  }
  throw new WorkerFailure('config', 'TooManyRedirects', 'spec.git.url redirects without end: correct it');
}

/** The same server, or the one that takes http there to https. */
const isWithin = (to: URL, from: URL): boolean =>
  to.host === from.host && to.protocol === from.protocol
    ? true
    : to.hostname === from.hostname && from.protocol === 'http:' && to.protocol === 'https:' && to.port === '';

function moved({ protocol, host, pathname }: URL): WorkerFailure {
  const message = `spec.git.url redirects to another server: if it is right, write "${protocol}//${host}${pathname}"`;
  return new WorkerFailure('config', 'RepositoryMoved', message);
}

async function redirectOf(url: URL, signal: AbortSignal): Promise<URL | undefined> {
  const asked = new URL(url.href);
  asked.pathname = `${url.pathname.replace(/\/$/, '')}${advertisement}`;
  asked.search = '?service=git-upload-pack';
  const location = await locationOf(asked, signal);
  if (location === undefined || !URL.canParse(location, asked.href)) return undefined;
  const next = new URL(location, asked);
  const end = next.pathname.lastIndexOf(advertisement);
  if (end < 0) return undefined;
  // as git itself takes the address of the repository from that of the advertisement
  next.pathname = next.pathname.slice(0, end);
  next.search = '';
  next.hash = '';
  return next;
}

async function locationOf(url: URL, signal: AbortSignal): Promise<string | undefined> {
  const dispatcher = new EnvHttpProxyAgent();
  try {
    const response = await request(url.href, {
      dispatcher,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headers: { 'user-agent': 'git/doctune' },
    });
    response.body.on('error', () => undefined).destroy();
    const isRedirect = response.statusCode >= 300 && response.statusCode < 400;
    return isRedirect ? [response.headers.location].flat()[0] : undefined;
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    await dispatcher.destroy();
  }
}
