/** What a reviewer said of a row. */
export interface Verdict {
  verdict: 'accepted' | 'edited' | 'rejected';
  /** of an edited row */
  answer?: string;
  reviewer: string;
  comment: string;
  /** of the row on the sheet */
  id: string;
  line: number;
}
