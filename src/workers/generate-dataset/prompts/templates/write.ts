/** Questions and answers in one request. */
export const write = `Project: {{project}}. Write in {{language}}.
Write at most {{facts}} facts with {{wordings}} differently worded questions each, as they would be asked by {{persona}}:
{{tasks}}

Answer with json only, in this form:
{{example}}`;
