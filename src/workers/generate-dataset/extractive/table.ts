import type { BlockOf, Section } from '../parse/block.ts';
import type { Finding } from '../fact.ts';
import { leadAnswer } from './answer.ts';
import { found, refused, type Context } from './context.ts';
import { isApiName, topicIn } from './topic.ts';

/** A table whose first column names something of an API: each further cell with prose answers what its column asks. */
export function tableFacts(table: BlockOf<'table'>, section: Section, context: Context): Finding[] {
  return table.rows.flatMap((row) => {
    const [name, ...cells] = row;
    if (name === undefined || name.text.length > 80 || !isApiName(name.text)) return [];
    const topic = topicIn(section.path, context.project, context.fallback, name.text);
    return cells.flatMap((cell, index): Finding[] => {
      const column = table.header[index + 1]?.text ?? '';
      if (column === '' || cell.text === '') return [];
      const answer = leadAnswer(cell);
      if ('reason' in answer) return [refused(answer.reason, cell.text, cell.spans[0]?.start ?? table.start)];
      return [
        found(context, {
          task: 'factual',
          questions: context.phrases.cell(topic, column),
          answer: answer.text,
          evidence: [answer.evidence],
          heading: section.path,
          weight: 3,
        }),
      ];
    });
  });
}
