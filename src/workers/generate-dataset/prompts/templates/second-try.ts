/** After the judge turned an answer down. */
export const secondTry = `Project: {{project}}. Answer in {{language}}.
Question: {{question}}
What is wanted: {{task}}
An answer was turned down: {{answer}}
The reason: {{reason}}
Write a better one from the documents alone. If they do not answer the question, "answerable" is false.

Answer with json only, in this form:
{{example}}`;
