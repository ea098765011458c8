/** Whether a second model finds the same answer by itself. */
export const roundTrip = `Project: {{project}}. Answer in {{language}}, in one to three sentences.
Question: {{question}}
Use the documents alone. If they do not answer the question, "answerable" is false.

Answer with json only, in this form:
{{example}}`;
