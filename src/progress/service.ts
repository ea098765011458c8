import { progressAudience } from '../contract/environment.ts';
import type { ClusterWriter } from '../controller/cluster.ts';
import { messageOf } from '../controller/errors.ts';
import type { Log } from '../controller/log.ts';
import { isAborted, pause } from '../controller/pause.ts';
import type { ClusterReader } from '../controller/reconciler.ts';
import type { Transport } from '../controller/transport.ts';
import { CertificateSecret } from './certificate-secret.ts';
import { Reports } from './reports.ts';
import type { ReportedKind } from './reports.ts';
import { startProgressServer } from './server.ts';
import type { ProgressServer } from './server.ts';
import { cachedReviews, tokenReviewer } from './token-review.ts';

export interface ProgressServiceOptions {
  transport: Transport;
  reader: ClusterReader;
  writer: ClusterWriter;
  /** asked for when a report comes */
  kinds: () => readonly ReportedKind[];
  /** of the operator itself */
  namespace: string;
  certificateSecret: string;
  /** how workers reach the server */
  url: string;
  port: number;
  log: Log;
}

const retryMs = 2000;

/** a host as certificates have it: an IPv6 address without its brackets */
const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '');

/** Everything that takes reports: the certificate, the server and the writing of what it is told. */
export class ProgressService {
  readonly #options: ProgressServiceOptions;
  readonly #certificates: CertificateSecret;
  readonly #reports: Reports;
  #server: ProgressServer | undefined;

  constructor(options: ProgressServiceOptions) {
    const { transport, namespace, certificateSecret: name, url, log } = options;
    this.#options = options;
    this.#certificates = new CertificateSecret({ transport, namespace, name, hosts: [hostOf(url)], log });
    this.#reports = new Reports(options);
  }

  /** What the pods of a run must trust, in PEM; undefined before the certificate is made. */
  get ca(): string | undefined {
    return this.#certificates.ca || undefined;
  }

  /** undefined before the server is started */
  get port(): number | undefined {
    return this.#server?.port;
  }

  /** Resolves when the server is open; tries until then. */
  async start(signal: AbortSignal): Promise<void> {
    while (this.#server === undefined && !isAborted(signal)) {
      try {
        await this.#open();
        void this.#certificates.keep((set) => this.#server?.setCertificates(set), signal);
      } catch (error) {
        this.#options.log.error({ error: messageOf(error) }, 'the progress server cannot be started yet');
        await pause(retryMs, signal);
      }
    }
  }

  /** Take no more reports and write those that wait. */
  async stop(): Promise<void> {
    await this.#server?.close();
    await this.#reports.flush();
  }

  async #open(): Promise<void> {
    const { transport, port, log } = this.#options;
    this.#server = await startProgressServer({
      port,
      certificates: await this.#certificates.load(),
      review: cachedReviews(tokenReviewer(transport, progressAudience)),
      accept: (identity, report) => this.#reports.accept(identity, report),
      log,
    });
  }
}
