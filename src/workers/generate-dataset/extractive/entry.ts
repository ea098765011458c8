import type { BlockOf, Section } from '../parse/block.ts';
import type { Finding } from '../fact.ts';
import { sliceProse, type Prose } from '../parse/prose.ts';
import { leadAnswer } from './answer.ts';
import { found, refused, type Context } from './context.ts';
import { topicIn, topicOf, isApiName } from './topic.ts';

/** A name in code or a call, perhaps with its type in braces or brackets, then a mark or the description itself. */
const named =
  /^(`[^`]+`|\.?[\w$]+\([^)]*\)|@[\w-]+\/[\w-]+)(?:\s*(?:\{[^}]*\}|\([^)]{1,40}\)|\[[^\]]*\]))?(\s*[-–—:：]+|\s)\s*/;
const defaultValue = /^defaults?(?: value)?\s*[:：]\s*\S/i;

/** Facts of a list whose items say what a name means; a section of an option has its default in such a list too. */
export function listFacts(list: BlockOf<'list'>, section: Section, context: Context): Finding[] {
  return list.items.flatMap((item): Finding[] => {
    if (defaultValue.test(item.prose.text)) return [defaultFact(item.prose, section, context)];
    const match = named.exec(item.prose.text);
    const name = match?.[1];
    if (name === undefined || match === null) return [];
    const topic = topicIn(section.path, context.project, context.fallback, name);
    const rest = item.prose.text.slice(match[0].length);
    const isUnmarked = (match[2] ?? '').trim() === '';
    if (isUnmarked && /^[a-z]/.test(rest) && !verb.test(rest) && !noun.test(rest))
      return [refused('NO_DESCRIPTION', item.prose.text, item.start)];
    // without a mark between, the name is the subject of the sentence: "`name` will do this"
    const answer = leadAnswer(sliceProse(item.prose, isUnmarked && verb.test(rest) ? 0 : match[0].length));
    if ('reason' in answer) return [refused(answer.reason, item.prose.text, item.start)];
    if (/^[)\],.;]|^\([^()]*\)$/.test(answer.text)) return [refused('NO_DESCRIPTION', item.prose.text, item.start)];
    const isOption = section.path.some((title) => /option|config|setting|parameter|选项|配置|参数/i.test(title));
    return [
      found(context, {
        task: isOption ? 'config' : 'factual',
        questions: context.phrases.entry(topic),
        answer: answer.text,
        evidence: [{ start: item.prose.spans[0]?.start ?? item.start, end: answer.evidence.end }],
        heading: section.path,
        weight: 3,
      }),
    ];
  });
}

/** what follows a name that is the subject of a sentence; "`async` routes, …" is none */
const verb =
  /^(?=[a-z])(?:was|will|would|can|could|may|might|must|should|shall|do|have|had|and|or|if|when|is|are|were|only|also|now|\w+ed|\w{2,}s)\b(?!,)|^(?:是|为|将|会|可以|用于|表示|返回|命令|函数|方法|参数)/;
/** what follows a name that is explained without a mark between */
const noun = /^(?:the|an?|one|whether|how|which|what)\b/;

function defaultFact(prose: Prose, section: Section, context: Context): Finding {
  const topic = topicOf(section.path, context.project, context.fallback);
  const start = prose.spans[0]?.start ?? 0;
  if (!isApiName(topic.name)) return refused('NO_OPTION', prose.text, start);
  if (prose.text.length > 160) return refused('TOO_LONG', prose.text, start);
  return found(context, {
    task: 'config',
    questions: context.phrases.defaultValue(topic),
    answer: prose.text,
    evidence: [{ start, end: prose.spans.at(-1)?.end ?? start }],
    heading: section.path,
    weight: 2,
  });
}
