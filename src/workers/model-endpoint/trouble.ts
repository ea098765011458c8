/** Classes of trouble that is worth another try; the names are labels of metrics. */
export const troubles = [
  'rate-limited',
  'unavailable',
  'timeout',
  'connection',
  'empty',
  'bad-json',
  'schema',
] as const;
export type Trouble = (typeof troubles)[number];

export type RejectReason = 'REFUSED' | 'TOO_LONG_FOR_MODEL' | 'EMPTY_ANSWER' | 'ENDPOINT_FAILED';

/** Why one question is given up while others go on. */
export class PromptRejected extends Error {
  readonly reason: RejectReason;

  constructor(reason: RejectReason, detail: string) {
    super(detail);
    this.name = 'PromptRejected';
    this.reason = reason;
  }
}
