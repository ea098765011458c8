import type { GenerateInput } from '../../../contract/inputs.ts';
import { createRowDuplicates } from '../duplicates/row-duplicates.ts';
import { questionInContext } from '../rows/questions.ts';
import { isKept, type FactHead, type FactRecord } from './facts.ts';
import { readLines } from './lines.ts';

/**
 * Turn down facts that say what another one says; of each cluster the one of the highest value stays. Returns how many
 * clusters there are, and how many facts were turned down by their question and by question and answer together.
 */
export async function dropNearDuplicates(
  heads: readonly FactHead[],
  facts: string,
  thresholds: GenerateInput['quality']['duplicates'],
): Promise<Record<string, number>> {
  const finder = createRowDuplicates(thresholds);
  const compared: FactHead[] = [];
  let index = 0;
  for await (const { fact } of readLines<FactRecord>(facts)) {
    const head = heads[index];
    index += 1;
    // the question of a long context is mostly the document itself
    if (head === undefined || !isKept(head) || head.task === 'longContext') continue;
    compared.push(head);
    finder.add({
      question: questionInContext(fact, fact.questions[0] ?? ''),
      answer: fact.answer,
      score: head.value,
    });
  }
  const clusters = finder.finish();
  const counts = { CLUSTERS: clusters.length, NEAR_DUPLICATE_QUESTION: 0, NEAR_DUPLICATE_ROW: 0 };
  for (const { kept, dropped } of clusters) {
    for (const { id, similarity, by } of dropped) {
      const [head, other] = [compared[id], compared[kept]];
      if (head === undefined || other === undefined) continue;
      const reason = by === 'question' ? 'NEAR_DUPLICATE_QUESTION' : 'NEAR_DUPLICATE_ROW';
      const detail = `similarity ${similarity.toFixed(2)} with fact "${other.id}"`;
      head.rejection = { reason, stage: 'duplicates', detail };
      counts[reason] += 1;
    }
  }
  return counts;
}
