import { createHash } from 'node:crypto';
import type { Row } from '../../../contract/rows.ts';
import type { Conversation } from '../import/conversation.ts';
import { factOf } from '../import/finding.ts';
import { rowId } from '../rows/id.ts';
import { messagesOf } from '../rows/row.ts';

/** name of the source that general rows tell; their ids differ from those of the documents by it */
export const generalSource = 'general';

/** A general row: trained, of a group of its own, and of a place that names its file and line. */
export function generalRow(
  path: string,
  place: string,
  conversation: Conversation,
  countTokens: (text: string) => number,
): Row {
  const { reasoning, task, language, heading, ...fact } = factOf(conversation, place);
  const question = fact.questions[0] ?? '';
  const messages = messagesOf({ task, language, heading, ...fact }, question);
  const source: Row['source'] = { source: generalSource, path, start: 0, end: 0, heading: [place], evidence: [] };
  const prompt = messages.slice(0, -1).reduce((sum, { content }) => sum + countTokens(content), 0);
  return {
    id: rowId(messages, source),
    messages,
    task,
    language,
    split: 'train',
    probe: null,
    group: `${generalSource}/${path}#${place}`,
    fact: createHash('sha256').update(JSON.stringify(messages)).digest('hex').slice(0, 32),
    source,
    generator: { name: 'import', model: null, prompt: null },
    domain: 'general',
    ...(reasoning === undefined ? {} : { reasoning }),
    tokens: { prompt, answer: countTokens(fact.answer) },
  };
}
