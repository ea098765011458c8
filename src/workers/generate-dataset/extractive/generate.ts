import { noUsage, placeFindings, type ChunkedDocument, type Generated } from '../candidate.ts';
import { eligibleChunks } from '../coverage.ts';
import { extractFacts } from './index.ts';
import { projectName } from './project.ts';

export function generateExtractive(documents: readonly ChunkedDocument[]): Generated {
  const generated: Generated = {
    candidates: [],
    rejected: [],
    usage: noUsage,
    asked: documents.flatMap(eligibleChunks).map(({ id }) => id),
    generator: { name: 'extractive', model: null, prompt: null },
  };
  for (const [source, own] of Map.groupBy(documents, (document) => document.source)) {
    const project = projectName(source, own);
    for (const document of own) {
      const { candidates, rejected } = placeFindings(extractFacts(document, project), document);
      generated.candidates.push(...candidates);
      generated.rejected.push(...rejected);
    }
  }
  return generated;
}
