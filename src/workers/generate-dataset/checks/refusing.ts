import { isRefusing, type Draft, type Problem, type Scene } from './draft.ts';

const refusal =
  /\b(?:do(?:es)?(?: not|n['’]t)|did(?: not|n['’]t)|is(?: not|n['’]t)|are(?: not|n['’]t)|never|no)\b[^.]{0,60}\b(?:mention|document|describe|cover|specif|state|say|tell|list|explain|define|exist|includ|support|provide|contain|know)|\bnot (?:mentioned|documented|described|covered|specified|stated|listed|explained|defined)\b|\bno (?:information|mention|such)\b|\b(?:cannot|can['’]t) be (?:answered|determined)\b|(?:没有|并未|未|不|无)(?:曾|被)?(?:提到|提及|说明|记载|描述|介绍|涉及|包含|定义|列出|相关)|不存在|没有(?:这样|该|此|名为)|无法(?:回答|确定|得知)/i;
const correction =
  /\b(?:not|no|never|none|neither|cannot|isn['’]t|doesn['’]t|don['’]t|aren['’]t|wasn['’]t|can['’]t|won['’]t|incorrect|wrong|false|mistaken|misconception|rather than|instead|actually|in fact|contrary)\b|不|没有|并非|并不|错误|有误|实际上|事实上|而是|相反|误解/i;
const evasive =
  /^(?:sorry|i (?:do not|don['’]t|cannot|can['’]t)|the (?:provided |given )?(?:document|text|passage|context)s? (?:do(?:es)?(?: not|n['’]t)|did)|there is no information|(?:文档|文中|原文|资料)(?:中)?(?:没有|并未|未)|抱歉|对不起)/i;

/** An answer to a question without an answer says so, one to a wrong assumption corrects it, and no other does either. */
export function checkRefusing({ task, questions, answer, absent }: Draft, scene: Scene): Problem | undefined {
  if (task === 'unanswerable') return checkAbsent(absent ?? '', questions, scene) ?? checkRefused(answer);
  // the correction comes first, before what is right is told
  if (task === 'falsePremise' && !correction.test(answer.slice(0, 200)))
    return { reason: 'NO_CORRECTION', detail: answer };
  if (!isRefusing(task) && evasive.test(answer.trim())) return { reason: 'EMPTY_REFUSAL', detail: answer };
  return undefined;
}

const checkRefused = (answer: string): Problem | undefined =>
  refusal.test(answer) ? undefined : { reason: 'NO_REFUSAL', detail: answer };

/** Only a name that no document knows makes sure that no document answers. */
function checkAbsent(absent: string, questions: readonly string[], { knowsSymbol }: Scene): Problem | undefined {
  const names = absent.match(/[\p{L}_$][\p{L}\p{N}_$]+/gu) ?? [];
  const missing = questions.find((question) => absent === '' || !question.includes(absent));
  if (missing !== undefined) return { reason: 'NOT_ABSENT', detail: `the absent name is not in: ${missing}` };
  if (names.every((name) => knowsSymbol(name)))
    return { reason: 'NOT_ABSENT', detail: `the documents know "${absent}"` };
  return undefined;
}
