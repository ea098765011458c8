import { parseDuration } from '../../api/v1alpha1/index.ts';
import type { DatasetSpec } from '../../api/v1alpha1/index.ts';
import type { EndpointInput } from '../../contract/inputs.ts';
import { configFolder, secretFile } from './mounted.ts';

/** An OpenAI-compatible endpoint, wherever a kind asks a model. */
export type Endpoint = NonNullable<DatasetSpec['judge']>['openai'];
type Prices = NonNullable<Endpoint['prices']>;

export function pricesInput(prices: Prices | undefined): EndpointInput['prices'] {
  if (prices === undefined) return null;
  return { input: Number(prices.input), cachedInput: Number(prices.cachedInput), output: Number(prices.output) };
}

/** An endpoint as a worker is told of it. */
export function endpointInput(endpoint: Endpoint): EndpointInput {
  const { apiKeySecretRef: key, caConfigMapRef: authority } = endpoint;
  return {
    baseURL: endpoint.baseURL,
    model: endpoint.model,
    ...(key === undefined ? {} : { apiKeyFile: secretFile(key.name, key.key) }),
    headers: endpoint.headers ?? {},
    ...(authority === undefined ? {} : { caFile: `${configFolder(authority.name)}/${authority.key}` }),
    ...(endpoint.proxy === undefined ? {} : { proxy: endpoint.proxy }),
    maxTokens: endpoint.maxTokens,
    maxContextTokens: endpoint.maxContextTokens ?? null,
    concurrency: endpoint.concurrency,
    requestsPerMinute: endpoint.requestsPerMinute ?? null,
    tokensPerMinute: endpoint.tokensPerMinute ?? null,
    timeoutSeconds: parseDuration(endpoint.timeout),
    prices: pricesInput(endpoint.prices),
  };
}
