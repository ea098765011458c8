import type { LookupAddress } from 'node:dns';
import type { Guard } from '../network/guard.ts';

/**
 * The addresses of a host that the authors of a repository wrote, checked as those of web pages are: git connects to these
 * and asks for no others. Throws ForbiddenAddress. Empty for a host that is written as an address, or has none that is known.
 */
export function pinnedAddresses({ hostname }: URL, guard: Guard): Promise<string[]> {
  guard.checkLiteral(hostname);
  return new Promise((resolve, reject) => {
    guard.lookup(hostname, { all: true }, (error, addresses) => {
      if (error === null) resolve((addresses as LookupAddress[]).map(({ address }) => address));
      // git itself has more to say about a name that nobody knows
      else if ('code' in error) resolve([]);
      else reject(error);
    });
  });
}

/** Git's settings for a host that was checked: it is connected to at these addresses alone. */
export function renderPinned({ hostname, protocol, port }: URL, addresses: readonly string[]): string {
  const at = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  const bare = hostname.replace(/^\[|\]$/g, '');
  const resolved = addresses.map((address) => (address.includes(':') ? `[${address}]` : address)).join(',');
  return `[http]\n\tcurloptResolve = "${bare}:${at}:${resolved}"`;
}
