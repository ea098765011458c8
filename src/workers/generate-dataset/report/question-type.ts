const instruction =
  /^(?:please )?(?:write|show|give|explain|describe|list|name|compare|summari[sz]e|fix|debug|implement|create|configure|define|tell|complete|translate|rewrite)\b|^请|^(?:写出|说明|解释|列出|比较|总结)/i;
const yesNo = /^(?:is|are|was|were|do|does|did|can|could|should|may|must|will|would|has|have|had)\b|吗|是否|能否|可否/i;

/** The first that fits names the type: a sentence that begins as an order is one, whatever it asks in passing. */
const types: readonly [string, RegExp][] = [
  ['instruction', instruction],
  ['why', /\bwhy\b|为什么|为何/i],
  ['how', /\bhow\b|怎么|怎样|如何/i],
  ['where', /\bwhere\b|在哪|哪里/i],
  ['which', /\bwhich\b|哪/i],
  ['when', /\bwhen (?:does|do|is|are|should|will|can|must)\b|什么时候|何时/i],
  ['who', /\bwho(?:m|se)?\b|谁/i],
  ['what', /\bwhat\b|什么|多少|几个/i],
  ['yesNo', yesNo],
];

/** What kind of question it is, by its words; `other` if none tells. */
export const questionType = (question: string): string =>
  types.find(([, pattern]) => pattern.test(question.trim()))?.[0] ?? 'other';
