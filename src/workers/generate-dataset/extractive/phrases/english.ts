import type { Topic } from '../topic.ts';
import type { Phrases } from './phrases.ts';

const place = ({ where }: Topic): string => (where === '' ? '' : ` (${where})`);
const under = ({ where }: Topic): string => (where === '' ? '' : ` under "${where}"`);

export const english: Phrases = {
  api: (t) => [
    `What does ${t.name} do in ${t.project}${place(t)}?`,
    `What is ${t.name}${under(t)} in ${t.project} for?`,
    `Explain ${t.name} of ${t.project}${place(t)}.`,
    `I use ${t.project}. Tell me about ${t.name}${place(t)}.`,
    `How does the ${t.project} documentation describe ${t.name}${place(t)}?`,
  ],
  entry: (t) => [
    `What is ${t.name} in ${t.project}${place(t)}?`,
    `Explain ${t.name}${under(t)} in ${t.project}.`,
    `I found ${t.name} in the ${t.project} documentation${place(t)}. What does it mean?`,
    `Tell me about ${t.name} of ${t.project}${place(t)}.`,
    `How does the ${t.project} documentation describe ${t.name}${under(t)}?`,
  ],
  defaultValue: (t) => [
    `What is the default of ${t.name} in ${t.project}${place(t)}?`,
    `If I do not set ${t.name}${under(t)} in ${t.project}, which value is used?`,
    `Tell me the default value of ${t.name} in ${t.project}${place(t)}.`,
    `Which default does ${t.project} have for ${t.name}${place(t)}?`,
  ],
  definition: (t, isPlural) => [
    `What ${isPlural ? 'are' : 'is'} ${t.name} in ${t.project}${place(t)}?`,
    `Define ${t.name} in the context of ${t.project}${place(t)}.`,
    `How does the ${t.project} documentation define ${t.name}${under(t)}?`,
    `I am new to ${t.project}. What ${isPlural ? 'do' : 'does'} ${t.name} mean${place(t)}?`,
  ],
  lead: (t) => [
    `What does the ${t.project} documentation say about "${t.name}"${place(t)}?`,
    `Explain "${t.name}" in ${t.project}${place(t)}.`,
    `I am reading about "${t.name}" in ${t.project}${place(t)}. What should I know first?`,
    `Tell me about "${t.name}"${under(t)} in ${t.project}.`,
    `How does ${t.project} introduce "${t.name}"${place(t)}?`,
  ],
  code: (t, language) => [
    `Show a code example for ${quoted(t.name)} in ${t.project}${place(t)}.`,
    `What does the ${language} code for ${quoted(t.name)} look like in ${t.project}${place(t)}?`,
    `Give me the example of ${quoted(t.name)}${under(t)} from the ${t.project} documentation.`,
    `I need ${language} code for ${quoted(t.name)} with ${t.project}${place(t)}.`,
  ],
  cell: (t, column) => [
    `In ${t.project}${place(t)}, what is the ${quoted(column)} of ${t.name}?`,
    `Which ${quoted(column)} does the ${t.project} documentation give for ${t.name}${under(t)}?`,
    `Look up ${t.name} in ${t.project}${place(t)}. What does it say for ${quoted(column)}?`,
    `Tell me the ${quoted(column)} of ${t.name} in ${t.project}${place(t)}.`,
  ],
};

const quoted = (name: string): string => (/^`[^`]+`$/.test(name) ? name : `"${name}"`);
