import { generateKeyPairSync } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { screenText } from './screen.ts';

const screen = (text: string, policy: object = {}) =>
  screenText(text, { secrets: 'Redact', personalData: 'Redact', ...policy });

/** Written in two pieces, so that no scanner of this repository takes them for real. */
const planted = (start: string, rest: string): string => start + rest;
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim();

describe('[5] secrets', () => {
  test.each([
    ['aws-access-key', planted('AKIA', 'QYLPMN5HHHFPZAM2')],
    ['aws-access-key', planted('ASIA', 'Y34FZKBOKMUTVV7A')],
    ['github-token', planted('ghp_', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx')],
    ['private-key', pem],
    ['openai-token', planted('sk-proj-', `${'a1B2'.repeat(18)}ZzT3BlbkFJ${'c3D4'.repeat(18)}Yy`)],
    ['model-api-key', planted('sk-', '8f3c1d5be07a4926b1c7d8e2f90a3b64')],
    ['google-api-key', planted('AIza', 'SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY')],
    ['slack-token', planted('xoxb-', '17653672481-19874698323-pdFZKVeTuE8sk7oOcBrzbqgy')],
    ['npm-access-token', planted('npm_', 'Zx8vYqW3nR5tB7mK1pL9sD2fG4hJ6cV0aE3u')],
  ])('%s is taken out, and the text around it stays', async (kind, secret) => {
    const { text, secrets } = await screen(`before "${secret}" after\nnext line`);
    expect(text).toBe(`before "[redacted:${kind}]" after\nnext line`);
    expect(secrets).toEqual({ [kind]: 1 });
  });

  test('of an address with a password only the password goes', async () => {
    const { text } = await screen(
      'postgres://reader:hT9vQ2xLw7@db.acme.io:5432/docs and https://bob:zK4mPq8s@acme.io/x',
    );
    expect(text).toBe(
      'postgres://reader:[redacted:password]@db.acme.io:5432/docs and https://bob:[redacted:password]@acme.io/x',
    );
  });

  test('a value that looks drawn at random is taken for a secret where it is assigned to one', async () => {
    const { text } = await screen('api_key = "q8Zt3LmW9xKv2NpR5yBd7HcF"\nsecret: Jt7wQz2RkX9mLp4VbN8sYd3G');
    expect(text).toBe('api_key = "[redacted:secret]"\nsecret: [redacted:secret]');
  });

  test.each([
    'AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE',
    'aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    'OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
    'api_key: your-api-key-goes-here-1A',
    'export TOKEN="<your token>"',
    'password = os.environ["DATABASE_PASSWORD"]',
    'token = generateAccessToken2(request)',
    'https://user:password@example.com/',
    'mongodb://${USER}:${PASSWORD}@localhost/db',
    '-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----',
    'arn:aws:secretsmanager:us-east-1:123456789012:secret:MySecret-a1B2c3D4e5F6g7H8',
    'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'integrity="sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="',
  ])('what documentation writes in place of a key stays: %s', async (text) => {
    expect(await screen(text)).toEqual({ text, secrets: {}, personalData: {} });
  });

  test('a comment in a document cannot switch the screening off', async () => {
    const { secrets } = await screen(`<!-- secretlint-disable -->\n${planted('AKIA', 'QYLPMN5HHHFPZAM2')}\n`);
    expect(secrets).toEqual({ 'aws-access-key': 1 });
  });

  test('[T5] a planted key never stays, wherever it stands', async () => {
    const upper = fc.constantFrom(...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'));
    const key = fc.string({ unit: upper, minLength: 16, maxLength: 16 }).map((rest) => planted('AKIA', rest));
    const around = fc.string().map((text) => text.replaceAll(/\w+$|^\w+/g, ''));
    await fc.assert(
      fc.asyncProperty(around, key, around, async (before, secret, after) => {
        const { text } = await screen(`${before}${secret}${after}`);
        expect(text).not.toContain(secret);
      }),
      { numRuns: 200 },
    );
  });

  test('screening twice is screening once', async () => {
    const { text } = await screen(`token=${planted('AKIA', 'QYLPMN5HHHFPZAM2')} mail jane.roe@acme-corp.io ${pem}`);
    expect(await screen(text)).toEqual({ text, secrets: {}, personalData: {} });
  });

  test('Off finds nothing', async () => {
    const text = `${planted('AKIA', 'QYLPMN5HHHFPZAM2')} jane.roe@acme-corp.io`;
    expect(await screen(text, { secrets: 'Off', personalData: 'Off' })).toEqual({
      text,
      secrets: {},
      personalData: {},
    });
  });
});

describe('[5] personal data', () => {
  test.each([
    ['email', 'write to ', 'jane.roe@acme-corp.io', ', please'],
    ['email', '<', 'li.wei+docs@sohu.com', '>'],
    ['email', '联系', 'zhang@pku.edu.cn', '。'],
    ['telephone', 'call ', '+49 30 901820', ' in the morning'],
    ['telephone', 'call (', '+1 (213) 373-4253', ')'],
    ['telephone', 'Tel: ', '213-373-4253', ''],
    ['telephone', '手机：', '13812345678', '，'],
    ['iban', 'IBAN ', 'DE44 5001 0517 5407 3249 31', ' of the club'],
    ['card-number', 'pay with ', '4539 1488 0343 6467', ' today'],
    ['card-number', 'card number: ', '4539148803436467', ''],
    ['identity-number', '身份证 ', '11010519491231002X', '。'],
  ])('%s: %s%s', async (kind, before, data, after) => {
    const { text, personalData } = await screen(`${before}${data}${after}`);
    expect(text).toBe(`${before}[redacted:${kind}]${after}`);
    expect(personalData).toEqual({ [kind]: 1 });
  });

  test.each([
    ...['git@github.com:acme/docs.git', 'you@example.com', 'noreply@acme.io', 'security@nodejs.org', 'icon@2x.png'],
    ...['npm install react@18.2.0 @types/node@20', 'chacha20-poly1305@openssh.com', 'x@w.to(device)', '@app.route'],
    ...['+1 202 555 0199', '@@ -10,7 +10,9 @@', 'version 4539148803436467', '2024-01-15 12:30:00.123456789'],
    ...['4242 4242 4242 4242', '1.7976931348623157', '192.168.100.101', '123456789012345678', 'AB12 3456 7890 1234'],
  ])('%s is none', async (text) => {
    expect(await screen(text)).toEqual({ text, secrets: {}, personalData: {} });
  });
});

test.each(['1234-', 'api_', 'sk-', 'password: ', 'a@a.', '+1 ', 'https://a:'])(
  '[5] a hostile text of %j is screened in one pass, or this would take hours',
  async (unit) => {
    const text = unit.repeat(1_000_000 / unit.length);
    expect((await screen(text)).text).toBe(text);
  },
);

test('[5] in real documentation nothing is taken for what it is not', async () => {
  const paths = globSync('node_modules/{fastify,zod,undici,pino,yaml}/**/*.md');
  expect(paths.length).toBeGreaterThan(100);
  for (const path of paths) {
    const { secrets, personalData } = await screen(readFileSync(path, 'utf8'));
    const { email = 0, ...numbers } = personalData;
    expect({ path, secrets, numbers }).toEqual({ path, secrets: {}, numbers: {} });
    // people are named in lists of authors, hardly in a manual
    if (path.includes('/docs/')) expect({ path, email }).toEqual({ path, email: 0 });
  }
});
