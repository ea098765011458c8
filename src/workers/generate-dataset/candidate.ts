import type { RejectedRow, Row } from '../../contract/rows.ts';
import type { Chunk } from './chunk/chunk.ts';
import type { LoadedDocument } from './documents.ts';
import type { Fact, Finding } from './fact.ts';

export interface ChunkedDocument extends LoadedDocument {
  chunks: Chunk[];
}

/** A fact with the place it was found in. */
export interface Candidate {
  fact: Fact;
  document: ChunkedDocument;
  chunk: Chunk;
}

export interface Usage {
  requests: number;
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
}

export interface Generated {
  candidates: Candidate[];
  rejected: RejectedRow[];
  usage: Usage;
  /** ids of the chunks that were looked at */
  asked: string[];
  generator: Row['generator'];
}

export const noUsage: Usage = { requests: 0, inputTokens: 0, cachedInputTokens: 0, outputTokens: 0 };

/** Sort what was found in a document into facts and rejected rows, each with the chunk it belongs to. */
export function placeFindings(
  findings: readonly Finding[],
  document: ChunkedDocument,
): Pick<Generated, 'candidates' | 'rejected'> {
  const candidates: Candidate[] = [];
  const rejected: RejectedRow[] = [];
  for (const finding of findings) {
    const at = 'fact' in finding ? (finding.fact.evidence[0]?.start ?? 0) : finding.refusal.at;
    const chunk = document.chunks.find(({ end }) => at < end) ?? document.chunks.at(-1);
    if (chunk === undefined) continue;
    if ('fact' in finding) candidates.push({ fact: finding.fact, document, chunk });
    else rejected.push(reject(finding.refusal.reason, finding.refusal.detail, document, chunk, finding.refusal.row));
  }
  return { candidates, rejected };
}

export const reject = (
  reason: string,
  detail: string,
  { source, path }: LoadedDocument,
  chunk: Chunk,
  row: unknown,
): RejectedRow => ({
  reason,
  stage: 'check',
  detail: detail.slice(0, 1024),
  path: `${source}/${path}`,
  chunk: chunk.id,
  row,
});
