import { lookup as resolveHost, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { WorkerFailure } from '../../shell/failure.ts';

/** An address that documents must not be read from: inside the cluster, of the machine itself, or of nobody. */
export class ForbiddenAddress extends Error {
  readonly host: string;
  readonly address: string;

  constructor(host: string, address: string) {
    const at = host === address ? `"${host}"` : `"${host}" at "${address}"`;
    super(`${at} is no public address: the platform must allow its network by "workers.allowedNetworks" first`);
    this.name = 'ForbiddenAddress';
    this.host = host;
    this.address = address;
  }
}

export interface Guard {
  /** Throws ForbiddenAddress for a host that is written as a forbidden address; sockets do not look those up. */
  checkLiteral(host: string): void;
  /**
   * For sockets in place of dns.lookup: what was checked is what is connected to, so a name that changes its address
   * between two questions gains nothing.
   */
  lookup: LookupFunction;
}

/** As dns.lookup with all addresses. */
export type Resolve = (
  host: string,
  options: { all: true; family?: number | 'IPv4' | 'IPv6' },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** The IPv6 addresses that are routed in public; ipaddr.js takes unassigned ones for ordinary too. */
const publicIpv6: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];
/** public by its number, but Azure answers there with the metadata of the machine */
const metadata = new Set(['168.63.129.16']);

/** Lets connections go to public addresses and to the given networks (CIDR form). Throws a `config` failure for bad ones. */
export function createGuard(allowedNetworks: readonly string[], resolve: Resolve = resolveHost): Guard {
  const networks = allowedNetworks.map(parseNetwork);
  const isAllowed = (text: string): boolean => {
    if (!ipaddr.isValid(text)) return false;
    const address = unwrap(ipaddr.parse(text));
    return isPublic(address) || networks.some((network) => matches(address, network));
  };
  return {
    checkLiteral(host) {
      const bare = host.replace(/^\[|\]$/g, '');
      if (isIP(bare) !== 0 && !isAllowed(bare)) throw new ForbiddenAddress(bare, bare);
    },
    lookup(host, options, callback) {
      const { family } = options;
      resolve(host, { all: true, ...(family === undefined ? {} : { family }) }, (error, addresses) => {
        // one forbidden address condemns the name: which one a socket takes is not ours to know
        const forbidden = addresses.find(({ address }) => !isAllowed(address));
        const failure = error ?? (forbidden && new ForbiddenAddress(host, forbidden.address));
        const [first] = addresses;
        if (failure !== undefined) callback(failure, []);
        else if (options.all === true || first === undefined) callback(null, addresses);
        else callback(null, first.address, first.family);
      });
    },
  };
}

/** The IPv4 address within an IPv6 one that stands for it: mapped, or behind the well-known prefix of NAT64. */
function unwrap(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (address.kind() === 'ipv4') return address;
  const ipv6 = address as ipaddr.IPv6;
  if (ipv6.isIPv4MappedAddress()) return ipv6.toIPv4Address();
  const bytes = ipv6.toByteArray();
  return wellKnownNat64.every((byte, index) => bytes[index] === byte) ? new ipaddr.IPv4(bytes.slice(12)) : ipv6;
}

/** 64:ff9b::/96 of RFC 6052, by which clusters without IPv4 reach it */
const wellKnownNat64 = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0];

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast' || metadata.has(address.toString())) return false;
  return address.kind() === 'ipv4' || matches(address, publicIpv6);
}

type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

const matches = (address: ipaddr.IPv4 | ipaddr.IPv6, [network, bits]: Network): boolean =>
  address.kind() === network.kind() && address.match(network, bits);

function parseNetwork(text: string): Network {
  try {
    return ipaddr.parseCIDR(text);
  } catch (error) {
    const message = `"${text}" in allowedNetworks is no network: write it in CIDR form, such as "10.0.0.0/8"`;
    throw new WorkerFailure('config', 'InvalidNetwork', message, { cause: error });
  }
}
