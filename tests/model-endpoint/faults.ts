import type { Chat } from './chat.ts';

/** An answer that is no completion. */
export interface Refusal {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** How a completion differs from a good one; what is left out is as it should be. */
export interface Twist {
  content?: (content: string) => string;
  finishReason?: string;
  /** more keys of the message */
  message?: Record<string, unknown>;
  usage?: 'missing' | 'null' | 'deepseek';
  /** sent before the JSON */
  prefix?: string[];
  /** the connection ends: before anything was sent, amid the body, or long after the client gave up */
  connection?: 'cut' | 'cut-body' | 'slow';
}

export type Effect = { refuse: Refusal } | { twist: Twist };
type Rule = (chat: Chat, options: { retryAfter: number }) => Effect | undefined;

const error = (status: number, message: string, code: string, headers?: Record<string, string>): Effect => ({
  refuse: { status, body: { error: { message, type: 'error', code } }, ...(headers === undefined ? {} : { headers }) },
});
const status =
  (code: number): Rule =>
  () =>
    error(code, `scripted fault ${code}`, `scripted_${code}`);
const twist =
  (changes: Twist): Rule =>
  () => ({ twist: changes });
const page = '<!doctype html><html><body><h1>Bad Gateway</h1></body></html>';
const parts = (content: string, change: (value: Record<string, unknown>) => unknown): string =>
  JSON.stringify(change(JSON.parse(content) as Record<string, unknown>));

/** What providers do, by name. A rule that gives nothing lets the request pass. */
const rules = {
  none: () => undefined,
  // credentials, balance, model
  'status-401': status(401),
  'status-402': status(402),
  'status-403': status(403),
  'status-404': status(404),
  'no-quota': () => error(429, 'You exceeded your current quota, please check your plan', 'insufficient_quota'),
  'unknown-model': () => error(400, 'Model Not Exist', 'invalid_request_error'),
  // too much at a time
  'status-429': (_, { retryAfter }) => error(429, 'slow down', 'rate_limit', { 'retry-after': String(retryAfter) }),
  'rate-limited': () => error(429, 'rate limit reached', 'rate_limit_exceeded'),
  'rate-limited-date': () => error(429, 'slow down', 'rate_limit', { 'retry-after': new Date().toUTCString() }),
  'rate-limited-reset': () =>
    error(429, 'slow down', 'rate_limit', {
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '20ms',
      'x-ratelimit-reset-tokens': '6m0s',
    }),
  'status-503': status(503),
  'status-529': () => error(529, 'Overloaded', 'overloaded_error'),
  // passing trouble
  'status-500': status(500),
  'bad-gateway-page': () => ({ refuse: { status: 502, body: page, headers: { 'content-type': 'text/html' } } }),
  'success-page': () => ({ refuse: { status: 200, body: page, headers: { 'content-type': 'text/html' } } }),
  'error-in-success': () => ({ refuse: { status: 200, body: { error: { message: 'upstream broke', code: 502 } } } }),
  'limit-in-success': () => ({ refuse: { status: 200, body: { error: { message: 'slow down', code: 429 } } } }),
  'no-choices': () => ({ refuse: { status: 200, body: { id: 'x', object: 'chat.completion', choices: [] } } }),
  cut: twist({ connection: 'cut' }),
  'cut-body': twist({ connection: 'cut-body' }),
  slow: twist({ connection: 'slow' }),
  empty: twist({ content: () => '' }),
  'broken-off': twist({ content: (content) => content.slice(0, 20), finishReason: 'insufficient_system_resource' }),
  // this request alone
  'context-length': () => error(400, "this model's maximum context length is 10 tokens", 'context_length_exceeded'),
  'status-413': status(413),
  'content-filter': twist({ content: () => '', finishReason: 'content_filter' }),
  refusal: twist({ content: () => '', message: { refusal: 'I cannot help with that' } }),
  moderated: () => error(403, 'the input was flagged by moderation', 'moderation'),
  truncated: twist({ content: (content) => content.slice(0, content.length / 2), finishReason: 'length' }),
  'truncated-below-1000': ({ max_tokens: room = 0 }) =>
    room < 1000 ? { twist: { content: (content) => content.slice(0, 20), finishReason: 'length' } } : undefined,
  // forms
  prose: twist({
    content: () => 'Certainly! Here are some questions about the document. First of all, what does it do?',
  }),
  fenced: twist({ content: (content) => `Here it is:\n\`\`\`json\n${content}\n\`\`\`` }),
  'damaged-json': twist({ content: (content) => content.replace(/\}$/, ',}') }),
  'extra-keys': twist({ content: (content) => parts(content, (value) => ({ ...value, note: 'as you wished' })) }),
  'wrong-keys': twist({ content: (content) => parts(content, (value) => ({ result: value })) }),
  'invented-evidence': twist({
    content: (content) => parts(content, ({ facts, ...rest }) => ({ ...rest, facts: withInventedEvidence(facts) })),
  }),
  thinking: twist({ content: (content) => `<think>\nwhat is asked?\n</think>\n\n${content}` }),
  reasoning: twist({ message: { reasoning_content: 'what is asked?' } }),
  'keep-alive-lines': twist({ prefix: ['\n', '\n', ': keep-alive\n', '\n'] }),
  'usage-missing': twist({ usage: 'missing' }),
  'usage-null': twist({ usage: 'null' }),
  'usage-deepseek': twist({ usage: 'deepseek' }),
  // dialects
  'no-json-schema': ({ response_format: format }) =>
    format?.type === 'json_schema'
      ? error(400, 'this response_format type is unavailable now', 'invalid_request_error')
      : undefined,
  'no-response-format': ({ response_format: format }) =>
    format === undefined ? undefined : error(400, 'response_format is not supported', 'invalid_request_error'),
  'json-word-wanted': ({ response_format: format, messages }) =>
    format?.type === 'json_schema' || (format !== undefined && !messages.some(({ content }) => /json/i.test(content)))
      ? error(400, "Prompt must contain the word 'json' to use 'response_format'", 'invalid_request_error')
      : undefined,
  'ignores-format': ({ messages }) =>
    messages.at(-1)?.content.includes('JSON schema') === true ? undefined : { twist: { content: () => 'Gladly!' } },
  'max-completion-tokens': ({ max_tokens: old }) =>
    old === undefined
      ? undefined
      : error(
          400,
          "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
          'unsupported_parameter',
        ),
  'no-temperature': ({ temperature }) =>
    temperature === undefined
      ? undefined
      : error(
          400,
          "'temperature' does not support 0.3 with this model. Only the default (1) is supported.",
          'unsupported_value',
        ),
  redirect: () => ({ refuse: { status: 307, body: '', headers: { location: 'http://127.0.0.1:1/v1' } } }),
} satisfies Record<string, Rule>;

export type Fault = keyof typeof rules;
export const faults = Object.keys(rules) as Fault[];

/** Trouble after which the same question, asked again or corrected, is answered well. */
export const passingFaults: readonly Fault[] = [
  'status-429',
  'rate-limited',
  'rate-limited-date',
  'rate-limited-reset',
  'status-500',
  'status-503',
  'status-529',
  'bad-gateway-page',
  'success-page',
  'error-in-success',
  'no-choices',
  'cut',
  'cut-body',
  'empty',
  'broken-off',
  'prose',
  'fenced',
  'damaged-json',
  'extra-keys',
  'wrong-keys',
  'thinking',
  'keep-alive-lines',
  'usage-missing',
  'usage-null',
];

const ruleOf = (fault: Fault): Rule => rules[fault];

export const effectOf = (fault: Fault, chat: Chat, options: { retryAfter: number }): Effect =>
  ruleOf(fault)(chat, options) ?? { twist: {} };

const withInventedEvidence = (facts: unknown): unknown =>
  Array.isArray(facts) ? facts.map((fact: object) => ({ ...fact, evidence: ['a passage that is not there'] })) : facts;
