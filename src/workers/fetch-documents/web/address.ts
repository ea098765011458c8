/** Addresses longer than this are traps of endless links, and do not fit the records. */
const maxLength = 2048;

/**
 * The address of a page in its one form: no fragment, no user name, and percent signs only where they are needed.
 * undefined for what is no web page.
 */
export function pageAddress(text: string, base?: string | URL): URL | undefined {
  const url = URL.parse(text, base?.toString());
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
  url.hash = '';
  url.username = '';
  url.password = '';
  // RFC 3986, 6.2.2: "%7e" and "~" are one address, and so are "%e4" and "%E4"
  url.pathname = url.pathname.replace(/%[0-9a-f]{2}/gi, (code) => {
    const letter = String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return /[A-Za-z0-9._~-]/.test(letter) ? letter : code.toUpperCase();
  });
  return url.href.length <= maxLength ? url : undefined;
}

/** An address for people to read: a query may hold a token, which is nobody's business. */
export const shown = ({ origin, pathname, search }: URL): string => `${origin}${pathname}${search === '' ? '' : '?…'}`;

/** What include and exclude are matched with. */
export function globPath(url: URL): string {
  const path = decode(url.pathname).slice(1).replace(/\/$/, '');
  return path === '' ? 'index.html' : path;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Hosts whose pages belong to the site; with a port in the list, that port alone. */
export interface Scope {
  has(url: URL): boolean;
  add(url: URL): void;
}

export function createScope(hosts: readonly string[]): Scope {
  const all = new Set(hosts.map((host) => host.toLowerCase()));
  return {
    has: ({ hostname, host }) => all.has(hostname) || all.has(host),
    add: ({ hostname }) => void all.add(hostname),
  };
}
