import { lintSource } from '@secretlint/core';
import { secretLintProfiler } from '@secretlint/profiler';
import { rules as recommended } from '@secretlint/secretlint-rule-preset-recommend';
import type { SecretLintCoreConfig } from '@secretlint/types';
import { findMoreSecrets } from './more-secrets.ts';
import { isPlaceholder } from './placeholder.ts';
import type { SensitiveSpan } from './span.ts';

// it would keep every measure of every document in memory
secretLintProfiler.setEnabled(false);

/** would let an untrusted document switch the screening off by a comment */
const unwanted = new Set(['@secretlint/secretlint-rule-filter-comments']);
const options: Record<string, object> = { '@secretlint/secretlint-rule-aws': { enableIDScanRule: true } };
const config: SecretLintCoreConfig = {
  rules: recommended
    .filter(({ meta }) => !unwanted.has(meta.id))
    .map((rule) => ({ id: rule.meta.id, rule, options: options[rule.meta.id] ?? {} })),
};

/** the number of an account is in every address of a resource, and opens nothing */
const harmless = new Set(['AWSAccountID']);
const kinds: Record<string, string> = {
  AWSAccessKeyID: 'aws-access-key',
  AWSSecretAccessKey: 'aws-secret-key',
  BasicAuth: 'password',
  MongoDBConnection: 'password',
  MySQLConnection: 'password',
  PostgreSQLConnection: 'password',
  IncomingWebhook: 'slack-webhook',
  OPS_TOKEN: '1password-token',
  PrivateKeyJSON: 'private-key',
  PackageJSON_xOauthToken: 'npm-token',
  Npmrc_authToken: 'npm-token',
};

/** Keys, tokens and passwords in a text, by secretlint's rules and a few of our own; examples of vendors are none. */
export async function findSecrets(text: string): Promise<SensitiveSpan[]> {
  const source = { filePath: 'document', content: text, ext: '', contentType: 'text' as const };
  const { messages } = await lintSource({ source, options: { config, noPhysicFilePath: true } });
  const found = messages
    .filter(({ messageId }) => !harmless.has(messageId))
    // the letters of a long key spell any word sooner or later
    .filter(({ messageId, range }) => messageId.startsWith('PrivateKey') || !isPlaceholder(text.slice(...range)))
    .map(({ messageId, range: [start, end] }) => toSpan(text, messageId, start, end));
  return [...found, ...findMoreSecrets(text)];
}

/** Of an address only the password: the rest tells how to use it. */
function toSpan(text: string, messageId: string, start: number, end: number): SensitiveSpan {
  const kind = kinds[messageId] ?? kebabCase(messageId);
  const [, before, password] = /^([^:]+:\/\/[^:/@\s]*:)([^@\s]+)@/.exec(text.slice(start, end)) ?? [];
  if (kind !== 'password' || before === undefined || password === undefined) return { start, end, kind };
  return { start: start + before.length, end: start + before.length + password.length, kind };
}

const kebabCase = (name: string): string =>
  name
    .replaceAll('_', '-')
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase();
