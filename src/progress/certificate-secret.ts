import { ApiError, isConflict, isNotFound, messageOf } from '../controller/errors.ts';
import type { Log } from '../controller/log.ts';
import { isAborted, pause } from '../controller/pause.ts';
import { pathOf } from '../controller/paths.ts';
import type { Transport } from '../controller/transport.ts';
import { createCertificates, renewCertificates } from './certificate.ts';
import type { CertificateSet } from './certificate.ts';

interface Secret {
  apiVersion: string;
  kind: string;
  type: string;
  metadata: { name: string; namespace: string; resourceVersion?: string };
  data: Record<string, string>;
}

export interface CertificateOptions {
  transport: Transport;
  namespace: string;
  /** of the Secret */
  name: string;
  /** names and addresses by which the server is reached */
  hosts: readonly string[];
  log: Log;
  now?: () => Date;
}

const resource = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets' };
const checkMs = 3_600_000;
const attempts = 5;

const encode = (text: string): string => Buffer.from(text).toString('base64');
const decode = (text: string | undefined): string => Buffer.from(text ?? '', 'base64').toString();

function fromSecret({ data }: Secret): CertificateSet | undefined {
  const set = {
    ca: decode(data['ca.crt']),
    caKey: decode(data['ca.key']),
    certificate: decode(data['tls.crt']),
    key: decode(data['tls.key']),
  };
  return Object.values(set).includes('') ? undefined : set;
}

function toSecret({ namespace, name }: CertificateOptions, set: CertificateSet, resourceVersion?: string): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/tls',
    metadata: { name, namespace, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    data: {
      'ca.crt': encode(set.ca),
      'ca.key': encode(set.caKey),
      'tls.crt': encode(set.certificate),
      'tls.key': encode(set.key),
    },
  };
}

/**
 * The serving certificate of the progress server, kept in one Secret of the operator's own namespace. All replicas share
 * it: whoever comes first makes or renews it, the others read it.
 */
export class CertificateSecret {
  readonly #options: CertificateOptions;
  #set: CertificateSet | undefined;

  constructor(options: CertificateOptions) {
    this.#options = options;
  }

  /** What the pods of a run must trust, in PEM; empty before the first `load`. */
  get ca(): string {
    return this.#set?.ca ?? '';
  }

  /** Read the Secret; make or renew it if need be. */
  async load(): Promise<CertificateSet> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.#set = await this.#readOrWrite();
        return this.#set;
      } catch (error) {
        // another replica wrote at the same time: read what it wrote
        const isRace = isConflict(error) || (error instanceof ApiError && error.reason === 'AlreadyExists');
        if (!isRace || attempt === attempts) throw error;
      }
    }
  }

  /** Look every hour, until the signal is aborted, and tell of every change. */
  async keep(onChange: (set: CertificateSet) => void, signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(checkMs, signal);
      if (isAborted(signal)) return;
      try {
        const before = this.#set?.certificate;
        const set = await this.load();
        if (set.certificate !== before) onChange(set);
      } catch (error) {
        this.#options.log.warn({ error: messageOf(error) }, 'serving certificate cannot be checked');
      }
    }
  }

  async #readOrWrite(): Promise<CertificateSet> {
    const { hosts, now = () => new Date() } = this.#options;
    const secret = await this.#read();
    const stored = secret === undefined ? undefined : fromSecret(secret);
    const set =
      stored === undefined ? await createCertificates(hosts, now()) : await renewCertificates(stored, hosts, now());
    if (stored === undefined || set.certificate !== stored.certificate)
      await this.#write(set, secret?.metadata.resourceVersion);
    return set;
  }

  async #read(): Promise<Secret | undefined> {
    const { transport, namespace, name } = this.#options;
    try {
      return (await transport.request('GET', pathOf(resource, namespace, name))) as Secret;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #write(set: CertificateSet, resourceVersion: string | undefined): Promise<void> {
    const { transport, namespace, name, log } = this.#options;
    const path = pathOf(resource, namespace, resourceVersion === undefined ? undefined : name);
    const body = toSecret(this.#options, set, resourceVersion);
    await transport.request(resourceVersion === undefined ? 'POST' : 'PUT', path, { body });
    log.info({ secret: name }, 'serving certificate written');
  }
}
