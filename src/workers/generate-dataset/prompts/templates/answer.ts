/** The second of two steps: the answer to one question. */
export const answer = `Project: {{project}}. Answer in {{language}}.
Question: {{question}}
What is wanted: {{task}}
Use the documents alone. If they do not answer the question, "answerable" is false.

Answer with json only, in this form:
{{example}}`;
