/** A piece of a text that must not leave the cluster. Offsets are UTF-16 units. */
export interface SensitiveSpan {
  start: number;
  end: number;
  /** such as `aws-access-key` */
  kind: string;
}
