import type { BlockOf, Section } from '../parse/block.ts';
import type { Finding } from '../fact.ts';
import { sliceProse } from '../parse/prose.ts';
import { sentenceRanges } from '../parse/sentences.ts';
import { found, refused, type Context } from './context.ts';
import { topicOf } from './topic.ts';

const maxCharacters = 500;
const maxLines = 20;
const minCharacters = 12;

/** sentences that announce an example without saying of what */
const bare =
  /^(?:for )?(?:example|e\.g\.|usage)|^(?:which|unless|where|so|or|and|but|then|now|here|into|to|will|becomes?|before|after|instead|change|replace|let'?s|this|these|the (?:result|output|response|following)|例如|示例)\b|\b(?:below|above|this is|looks? like|output|response|result|such as|as follows)\b|\blike (?:this|so|that)\b|\b(?:using|with|of|for|in|to|by) (?:this|these|that|those)\b/i;
/** what leads over to the example */
const verbAtEnd = /,? (?:use|using|via|with|run|(?:by )?(?:running|issuing|using))$/i;
/** shows what not to do */
const negative =
  /\b(?:don'?t|do not|wrong|bad|incorrect|never|anti-?pattern|will throw|throws|not work|deprecated)\b|❌|✗/i;

const languages = new Map<string, string>([
  ...(['js', 'javascript', 'mjs', 'cjs', 'jsx'] as const).map((name) => [name, 'JavaScript'] as const),
  ...(['ts', 'typescript', 'tsx', 'mts'] as const).map((name) => [name, 'TypeScript'] as const),
  ...(['sh', 'bash', 'shell', 'zsh', 'console'] as const).map((name) => [name, 'shell'] as const),
  ...(['py', 'python', 'python3'] as const).map((name) => [name, 'Python'] as const),
  ...(['yaml', 'yml'] as const).map((name) => [name, 'YAML'] as const),
  ...[['json', 'JSON'] as const, ['toml', 'TOML'] as const, ['go', 'Go'] as const, ['rust', 'Rust'] as const],
  ...[['rs', 'Rust'] as const, ['java', 'Java'] as const, ['html', 'HTML'] as const, ['css', 'CSS'] as const],
  ...[['sql', 'SQL'] as const, ['dockerfile', 'Dockerfile'] as const, ['c', 'C'] as const, ['cpp', 'C++'] as const],
]);

/** Code examples of a section. With several of them, each needs its own lead sentence, else no question would tell them apart. */
export function codeFacts(section: Section, context: Context): Finding[] {
  const blocks = section.blocks.filter((block): block is BlockOf<'code'> => block.kind === 'code');
  return blocks.map((block) => {
    const fence = block.language.toLowerCase().split(/[\s{,:]/)[0] ?? '';
    const language = languages.get(fence);
    const reason = whyNot(block, language);
    if (reason !== undefined || language === undefined)
      return refused(reason ?? 'NO_LANGUAGE', block.code, block.start);
    const lead = leadOf(block, section);
    if (lead !== undefined && negative.test(lead)) return refused('COUNTEREXAMPLE', block.code, block.start);
    if (blocks.length > 1 && lead === undefined) return refused('AMBIGUOUS', block.code, block.start);
    if (section.path.length === 0 && lead === undefined) return refused('AMBIGUOUS', block.code, block.start);
    const topic = topicOf(section.path, context.project, context.fallback);
    const name = blocks.length > 1 && lead !== undefined ? `${topic.name}: ${lead}` : topic.name;
    return found(context, {
      task: taskOf(language),
      questions: context.phrases.code({ ...topic, name }, language),
      answer: `\`\`\`${fence}\n${block.code.trimEnd()}\n\`\`\``,
      evidence: [{ start: block.start, end: block.end }],
      heading: section.path,
      weight: block.code.length <= 250 ? 3 : 1,
    });
  });
}

const taskOf = (language: string) =>
  language === 'shell' ? 'howTo' : ['YAML', 'JSON', 'TOML'].includes(language) ? 'config' : 'codeGeneration';

function whyNot({ code }: BlockOf<'code'>, language: string | undefined): string | undefined {
  if (language === undefined) return 'NO_LANGUAGE';
  if (code.length > maxCharacters || code.split('\n').length > maxLines) return 'TOO_LONG';
  if (code.trim().length < minCharacters) return 'TOO_SHORT';
  if (negative.test(code.split('\n', 3).join('\n'))) return 'COUNTEREXAMPLE';
  return language === 'shell' && /^\s*(?:[{[<]|HTTP\/)/.test(code) ? 'OUTPUT' : undefined;
}

/** The last sentence before the block, when it announces it. */
function leadOf(code: BlockOf<'code'>, section: Section): string | undefined {
  const before = section.blocks[section.blocks.indexOf(code) - 1];
  if (before?.kind !== 'paragraph' || !/[:：]$/.test(before.prose.text)) return undefined;
  const last = sentenceRanges(before.prose.text).at(-1);
  if (last === undefined) return undefined;
  const text = sliceProse(before.prose, last.start, last.end)
    .text.replace(/[:：]$/, '')
    .replace(verbAtEnd, '');
  return bare.test(text) || text.length > 100 || text.split(/\s+/).length < 3 ? undefined : text;
}
