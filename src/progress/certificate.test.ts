import { X509Certificate } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createCertificates, renewCertificates } from './certificate.ts';

const hosts = ['doctune-progress.doctune-system.svc', '127.0.0.1'];
const day = 86_400_000;
const start = new Date('2026-11-22T00:00:00Z');
const after = (days: number): Date => new Date(start.getTime() + days * day);
const folder = mkdtempSync(join(tmpdir(), 'doctune-certificate-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the serving certificate', () => {
  test('is signed by its authority for all names and addresses', async () => {
    const set = await createCertificates(hosts, start);
    const leaf = new X509Certificate(set.certificate);
    const ca = new X509Certificate(set.ca);
    expect(leaf.verify(ca.publicKey)).toBe(true);
    expect(leaf.checkHost(hosts[0]!)).toBe(hosts[0]);
    expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect([ca.ca, leaf.ca]).toEqual([true, false]);
  });

  test('passes the strict checks of OpenSSL, which Python 3.13 makes', async () => {
    const set = await createCertificates(hosts, new Date());
    writeFileSync(join(folder, 'ca.crt'), set.ca);
    writeFileSync(join(folder, 'tls.crt'), set.certificate);
    const args = ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname', hosts[0]!];
    const told = execFileSync('openssl', [...args, '-CAfile', 'ca.crt', 'tls.crt'], { cwd: folder, encoding: 'utf8' });
    expect(told).toBe('tls.crt: OK\n');
  });

  test('stays while it is young, and is renewed under the same authority when two thirds are over', async () => {
    const set = await createCertificates(hosts, start);
    expect(await renewCertificates(set, hosts, after(50))).toBe(set);
    const renewed = await renewCertificates(set, hosts, after(70));
    expect(renewed.ca).toBe(set.ca);
    expect(renewed.certificate).not.toBe(set.certificate);
    expect(new X509Certificate(renewed.certificate).verify(new X509Certificate(set.ca).publicKey)).toBe(true);
  });

  test('is made anew when the server is reached by another name', async () => {
    const set = await createCertificates(hosts, start);
    const renewed = await renewCertificates(set, ['new.example.org'], start);
    expect(new X509Certificate(renewed.certificate).checkHost('new.example.org')).toBe('new.example.org');
  });

  test('gets a new authority in time, and runs that trust the old one are still served', async () => {
    const set = await createCertificates(hosts, start);
    const renewed = await renewCertificates(set, hosts, after(2500));
    expect(renewed.ca).not.toBe(set.ca);
    expect(renewed.ca).toContain(set.ca.trim());
  });
});
