import type { Task } from '../../../../contract/rows.ts';

/** What is wanted of each task, as the prompts say it. */
export const taskPrompts: Record<Exclude<Task, 'other'>, string> = {
  factual: 'A fact: what something is, does, returns or defaults to.',
  howTo: 'How to reach a goal with the project: the steps in their order.',
  explain: 'Why or how something works, explained to somebody who is new to it.',
  codeGeneration:
    'A piece of code to write with the documented API. The answer has one fenced code block with its language, complete with imports.',
  codeExplain: 'What a piece of documented code does. The question shows the code in a fenced code block.',
  debug:
    'Something that goes wrong or warns, and its cause and fix as documented. The question tells the symptom or shows the wrong code.',
  config:
    'A configuration to write or to understand: names, values, defaults. Use a fenced block where files are shown.',
  comparison: 'How two documented things differ, and when to use which.',
  summary: 'The main points about a topic, in three to five list items.',
  multiHop: 'A question whose answer needs a statement of each part of the document together. Quote each of them.',
  crossDocument: 'A question whose answer needs a statement of each of the documents together. Quote each of them.',
  multiTurn: 'A conversation whose questions follow from one another.',
  longContext:
    'A question about the whole of the parts together, such as a summary, a list of all cases, or something that is told far apart. Quote each place.',
  reasoning:
    'A question that has to be thought about: combine statements, apply a rule to a case. "reasoning" holds the steps, "answer" only the result.',
  instruction:
    'An order instead of a question, with a form for the answer, such as a table, a list of a given length, or one sentence.',
  falsePremise:
    'A question that takes something wrong for granted about a thing the documents tell of. The answer first says that this is wrong, then what is right.',
  unanswerable:
    'A question about an option, method or feature that sounds likely and that no document knows. "absent" is its name, written in the question in backticks. The answer says that the documentation does not mention it; "evidence" is the passage that comes nearest.',
};
