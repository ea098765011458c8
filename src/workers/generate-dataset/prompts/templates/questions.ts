/** The first of two steps: only questions. */
export const questions = `Project: {{project}}. Write in {{language}}.
Write at most {{facts}} facts to ask for, with {{wordings}} differently worded questions each, as they would be asked by {{persona}}. Do not answer them:
{{tasks}}
"evidence" holds the passage that makes the question answerable, copied character by character.

Answer with json only, in this form:
{{example}}`;
