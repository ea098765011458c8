import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import type { X509Certificate, X509CertificateGenerator } from '@peculiar/x509';

/** Keys and certificates in PEM. */
export interface CertificateSet {
  /** what clients trust: the CA, and the one before it while that is valid */
  ca: string;
  caKey: string;
  certificate: string;
  key: string;
}

interface KeyPair {
  privateKey: webcrypto.CryptoKey;
  publicKey: webcrypto.CryptoKey;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 86_400_000;
const caDays = 3650;
const leafDays = 90;
/** certificates begin in the past, as clocks of nodes differ */
const skewMs = 3_600_000;
/** renewed when less than this part of the time is left */
const renewalShare = 1 / 3;

/** Loaded when a certificate is made, which is once in a month. */
async function library() {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}
type Library = Awaited<ReturnType<typeof library>>;

const generateKeys = (): Promise<KeyPair> => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

const validity = (now: Date, days: number) => ({
  notBefore: new Date(now.getTime() - skewMs),
  notAfter: new Date(now.getTime() + days * dayMs),
});

async function privatePem({ PemConverter }: Library, { privateKey }: KeyPair): Promise<string> {
  return PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY');
}

async function createCa(x509: Library, keys: KeyPair, now: Date): Promise<X509Certificate> {
  const { KeyUsageFlags } = x509;
  return x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=doctune-progress-ca',
    keys,
    signingAlgorithm: algorithm,
    ...validity(now, caDays),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
}

interface Issuer {
  certificate: X509Certificate;
  privateKey: webcrypto.CryptoKey;
}

async function createLeaf(x509: Library, issuer: Issuer, keys: KeyPair, hosts: readonly string[], now: Date) {
  const options: Parameters<typeof X509CertificateGenerator.create>[0] = {
    subject: 'CN=doctune-progress',
    issuer: issuer.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: issuer.privateKey,
    signingAlgorithm: algorithm,
    ...validity(now, leafDays),
    // strict clients, as Python 3.13 is, want both key identifiers
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        hosts.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }) as const),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.certificate),
    ],
  };
  return x509.X509CertificateGenerator.create(options);
}

async function issue(x509: Library, issuer: Issuer, hosts: readonly string[], now: Date) {
  const keys = await generateKeys();
  const leaf = await createLeaf(x509, issuer, keys, hosts, now);
  return { certificate: leaf.toString('pem'), key: await privatePem(x509, keys) };
}

/** A new CA with a certificate for the hosts (names or addresses). `before` keeps the trust of runs under way. */
export async function createCertificates(hosts: readonly string[], now: Date, before = ''): Promise<CertificateSet> {
  const x509 = await library();
  const keys = await generateKeys();
  const certificate = await createCa(x509, keys, now);
  const issuer = { certificate, privateKey: keys.privateKey };
  return {
    ca: [certificate.toString('pem'), before].filter((pem) => pem !== '').join('\n'),
    caKey: await privatePem(x509, keys),
    ...(await issue(x509, issuer, hosts, now)),
  };
}

const isDue = ({ notBefore, notAfter }: X509Certificate, now: Date): boolean =>
  notAfter.getTime() - now.getTime() < (notAfter.getTime() - notBefore.getTime()) * renewalShare;

function covers(x509: Library, certificate: X509Certificate, hosts: readonly string[]): boolean {
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  return hosts.every((host) => names.some(({ value }) => value === host));
}

/** The set as it should be now: itself, with a new certificate, or with a new CA. */
export async function renewCertificates(
  set: CertificateSet,
  hosts: readonly string[],
  now: Date,
): Promise<CertificateSet> {
  const x509 = await library();
  const [pem = '', before] = x509.PemConverter.decode(set.ca).map((der) =>
    new x509.X509Certificate(der).toString('pem'),
  );
  const ca = new x509.X509Certificate(pem);
  if (isDue(ca, now)) return createCertificates(hosts, now, pem);
  const leaf = new x509.X509Certificate(set.certificate);
  if (!isDue(leaf, now) && covers(x509, leaf, hosts)) return set;
  const [der] = x509.PemConverter.decode(set.caKey);
  if (der === undefined) return createCertificates(hosts, now, before);
  const privateKey = await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
  return { ...set, ...(await issue(x509, { certificate: ca, privateKey }, hosts, now)) };
}
