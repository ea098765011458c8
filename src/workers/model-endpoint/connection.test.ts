import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { question, startAsking, type Asking, type AskingOptions } from '../../../tests/builders/asking.ts';
import { startProxy } from '../../../tests/model-endpoint/proxy.ts';
import { createCertificates, type CertificateSet } from '../../progress/certificate.ts';

const key = 'sk-a-planted-key-0123456789';
const folder = mkdtempSync(join(tmpdir(), 'connection-'));
let certificates: CertificateSet;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  certificates = await createCertificates(['127.0.0.1'], new Date());
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function start(options: AskingOptions): Promise<Asking> {
  const asking = await startAsking(options);
  closing.push(asking.close);
  return asking;
}
function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}
const failure = (asking: Asking, text = 'what is it?'): Promise<unknown> =>
  asking.asker.ask(question(text)).catch((error: unknown) => error);

describe('the key', () => {
  test('is sent as bearer token, and none where there is none', async () => {
    const asking = await start({ input: { apiKeyFile: file('key', `${key}\n`) } });
    await asking.asker.ask(question('a'));
    const without = await start({});
    await without.asker.ask(question('a'));
    expect([asking, without].map(({ log }) => log[0]?.authorization)).toEqual([`Bearer ${key}`, undefined]);
  });

  test('is taken up anew when it changes, without a restart', async () => {
    const apiKeyFile = file('rotated', 'old');
    const asking = await start({ input: { apiKeyFile } });
    await asking.asker.ask(question('a'));
    file('rotated', 'new');
    await asking.asker.ask(question('b'));
    expect(asking.log.map(({ authorization }) => authorization)).toEqual(['Bearer old', 'Bearer new']);
  });

  test('that is refused is read once more, since it may have changed meanwhile', async () => {
    const apiKeyFile = file('late', 'old');
    const asking = await start({ endpoint: { apiKey: 'new', latencyMs: 50 }, input: { apiKeyFile } });
    const answer = asking.asker.ask(question('a'));
    setTimeout(() => file('late', 'new'), 10);
    expect(await answer).toMatchObject({ finishReason: 'stop' });
    expect(asking.log.map(({ status }) => status)).toEqual([401, 200]);
  });

  test.each([
    ['missing', undefined],
    ['empty', '\n'],
    ['with a line break inside', 'sk-a\nsk-b'],
  ])('%s stops the run and is not quoted', async (name, content) => {
    const apiKeyFile = content === undefined ? join(folder, 'nowhere') : file(name, content);
    const asking = await start({ input: { apiKeyFile } });
    const error = await failure(asking);
    expect(error).toMatchObject({ exit: 'credentials', reason: 'AuthFailed' });
    expect((error as Error).message).toContain('spec.generator.openai.apiKeySecretRef');
    expect((error as Error).message).not.toContain('sk-');
    expect(asking.log).toHaveLength(0);
  });

  test('is in no message, log line or file, even where the endpoint repeats it', async () => {
    const echo = (status: number) => ({ status, message: `wrong key ${key}` });
    const asking = await start({
      endpoint: { answer: () => `{"facts":["${key}"]}`, script: ['status-500', 'none', 'none'] },
      input: { apiKeyFile: file('echoed', key) },
    });
    const { content } = await asking.asker.ask(question(`a ${echo(500).status}`));
    expect(content).toBe('{"facts":["[key]"]}');
    const files = readdirSync(asking.folder).map((name) => readFileSync(join(asking.folder, name), 'utf8'));
    expect(asking.lines.length).toBeGreaterThan(0);
    expect([...asking.lines, ...files].join('\n')).not.toContain(key);
  });
});

describe('headers of the spec', () => {
  test('are sent along', async () => {
    const asking = await start({ input: { headers: { 'x-team': 'docs', Authorization: 'Token t' } } });
    await asking.asker.ask(question('a'));
    expect(asking.log[0]).toMatchObject({ authorization: 'Token t', headers: { 'x-team': 'docs' } });
  });
});

describe('authorities', () => {
  const tls = () => ({ tls: certificates });

  test('of the file are trusted', async () => {
    const asking = await start({ endpoint: tls(), input: { caFile: file('ca.crt', certificates.ca) } });
    expect(asking.url).toMatch(/^https:/);
    expect(await failure(asking)).toMatchObject({ finishReason: 'stop' });
  });

  test('that nobody named are not, and the run stops at once', async () => {
    const asking = await start({ endpoint: tls() });
    expect(await failure(asking)).toMatchObject({ exit: 'config', reason: 'EndpointUntrusted' });
    const other = await createCertificates(['127.0.0.1'], new Date());
    const wrong = await start({ endpoint: tls(), input: { caFile: file('other.crt', other.ca) } });
    expect(((await failure(wrong)) as Error).message).toContain('spec.generator.openai.caConfigMapRef');
  });

  test('that are none are told before anything is asked', async () => {
    await expect(start({ input: { caFile: file('bad.crt', 'hello') } })).rejects.toMatchObject({
      exit: 'config',
      reason: 'BadCertificate',
    });
  });
});

describe('a proxy', () => {
  test('tunnels to the endpoint, with and without TLS', async () => {
    const proxy = await startProxy();
    closing.push(proxy.close);
    const plain = await start({ input: { proxy: proxy.url } });
    const secure = await start({
      endpoint: { tls: certificates },
      input: { proxy: proxy.url, caFile: file('p.crt', certificates.ca) },
    });
    for (const asking of [plain, secure]) {
      expect(await failure(asking)).toMatchObject({ finishReason: 'stop' });
      expect(proxy.hosts).toContain(new URL(asking.url).host);
    }
  });

  test('that refuses stops the run', async () => {
    const proxy = await startProxy({ refuse: true });
    closing.push(proxy.close);
    for (const endpoint of [{}, { tls: certificates }]) {
      const asking = await start({ endpoint, input: { proxy: proxy.url } });
      const error = await failure(asking);
      expect(error).toMatchObject({ exit: 'config', reason: 'ProxyRefused' });
    }
  });
});

test('an answer without end is cut off', async () => {
  const asking = await start({
    endpoint: { answer: () => 'x'.repeat(40 * 1024 * 1024) },
    policy: { patienceTries: 1, firstPatienceMs: 0 },
  });
  expect(await failure(asking)).toMatchObject({
    reason: 'EndpointUnavailable',
    message: expect.stringContaining('longer than') as unknown,
  });
});
