/** Judge one question with its answer. */
export const judge = `Project: {{project}}.
<question>{{question}}</question>
<answer>{{answer}}</answer>
<evidence>{{evidence}}</evidence>
Check the answer.

Answer with json only, in this form:
{{example}}`;
