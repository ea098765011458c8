/** Judge a question with its answer that come without a document. */
export const judgeAlone = `<question>{{question}}</question>
<answer>{{answer}}</answer>
Check the answer. It was made elsewhere, and there is no document to hold it against.

Answer with json only, in this form:
{{example}}`;
