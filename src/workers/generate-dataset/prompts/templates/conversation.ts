/** Several questions that follow from one another. */
export const conversation = `Project: {{project}}. Write in {{language}}.
Write {{facts}} conversation of two to four turns between a helpful expert and {{persona}}. The first question names the project; each next one follows from the answer before it and may lean on it. Each answer has its own evidence.

Answer with json only, in this form:
{{example}}`;
