import { z } from 'zod';
import { configMapKeyRef, secretKeyRef } from './references.ts';
import { decimal, duration, mapOf } from './scalars.ts';

const price = (field: string, what: string) => decimal(field, { min: 0, max: 10_000 }).describe(what);

/** What an endpoint asks for. `field`: where the prices stand, for messages. */
export const prices = (field: string) =>
  z.strictObject({
    input: price(`${field}.input`, 'Price of a million tokens sent.'),
    cachedInput: price(`${field}.cachedInput`, 'Price of a million tokens sent that the endpoint had cached.').default(
      '0',
    ),
    output: price(`${field}.output`, 'Price of a million tokens received.'),
  });

/** An OpenAI-compatible endpoint, wherever a kind asks a model. */
export const modelEndpoint = (field: string) => ({
  baseURL: z
    .string()
    .max(2048)
    .regex(/^https?:\/\/\S+$/)
    .describe('Address of an OpenAI-compatible endpoint, such as "https://api.deepseek.com/v1".'),
  model: z.string().min(1).max(256).describe('Name of the model as the endpoint knows it.'),
  apiKeySecretRef: secretKeyRef('the API key', 'api-key')
    .optional()
    .describe('API key; leave it out for an endpoint without authentication. The operator never reads it.'),
  headers: mapOf(z.string().max(1024), 16)
    .optional()
    .describe('Headers to send along. They are no secret: what is one belongs into apiKeySecretRef.'),
  caConfigMapRef: configMapKeyRef('certificates in PEM form', 'ca.crt')
    .optional()
    .describe('Authorities to trust besides the public ones.'),
  proxy: z
    .string()
    .max(2048)
    .regex(/^https?:\/\/\S+$/)
    .optional()
    .describe('Proxy through which the endpoint is reached, such as "http://proxy.example:3128".'),
  maxTokens: z.int().min(64).max(131072).default(4096).describe('Tokens that one answer may have.'),
  maxContextTokens: z
    .int()
    .min(1024)
    .max(4_194_304)
    .optional()
    .describe('Tokens that prompt and answer may have together; what does not fit is cut smaller before it is sent.'),
  concurrency: z
    .int()
    .min(1)
    .max(256)
    .default(4)
    .describe('Requests under way at the same time at the most; fewer while the endpoint complains.'),
  requestsPerMinute: z.int().min(1).optional().describe('Requests that the endpoint allows in a minute.'),
  tokensPerMinute: z.int().min(1).optional().describe('Tokens that the endpoint allows in a minute.'),
  timeout: duration(`${field}.timeout`, { min: '1s', max: '1h' })
    .default('120s')
    .describe('Time after which a request is given up and tried again.'),
  prices: prices(`${field}.prices`)
    .optional()
    .describe('Prices of this endpoint, for a million tokens; those of budget.prices if not given.'),
});
