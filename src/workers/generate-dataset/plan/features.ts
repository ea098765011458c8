import type { DocumentFormat } from '../../../contract/documents.ts';
import { contentWords } from '../checks/words.ts';
import type { WritableTask } from '../prompts/catalog.ts';

/** What a chunk has that tasks need. */
export interface Features {
  hasCode: boolean;
  hasConfig: boolean;
  hasSteps: boolean;
  hasTrouble: boolean;
  /** entries of lists and tables: what could be compared */
  hasChoices: boolean;
  /** different words that carry meaning */
  words: number;
  /** names of code that may lead to other documents, as hashes: a piece of a text would hold the whole of it in memory */
  terms: number[];
}

const codeFence =
  /^\s*(?:```|~~~)[^\S\n]*(?!(?:json|jsonc|json5|ya?ml|toml|ini|env|text|txt|console|http|diff|sh|bash|shell|zsh)\b)\w+/m;
const rstCode = /^[ \t]*\.\. (?:code(?:-block)?|sourcecode)::|::[ \t]*\n\n[ \t]+\S/m;
const commandFence = /^\s*(?:```|~~~)[^\S\n]*(?:console|sh|bash|shell|zsh|powershell)\b/m;
const configFence = /^\s*(?:```|~~~)[^\S\n]*(?:json|jsonc|json5|ya?ml|toml|ini|env|properties|dotenv)\b/m;
const setting =
  /\b(?:options?|settings?|config(?:uration)?|defaults?|parameters?|environment variables?)\b|配置|选项|默认值|参数|设置/i;
const doing =
  /\b(?:how to|to \w+ (?:a|an|the)\b[^.\n]*\b(?:use|call|set|add|run|pass)|(?:use|call|set|run|install|create|add|configure|register|pass|enable|start)\b)|使用|调用|运行|安装|创建|添加|注册|启用|启动/i;
const trouble =
  /\b(?:errors?|exceptions?|throws?|fails?|failed|warn(?:ing)?s?|deprecated|invalid|must not|E[A-Z]{4,})\b|错误|异常|警告|失败|弃用|报错/i;
const entries = /^\s*(?:[-*+]|\d+[.)])\s+\S|^\s*\|.+\|\s*$/gm;
const term = /`([A-Za-z_$][\w$.-]{3,60})(?:\([^`]*\))?`|\b([a-z]+[A-Z]\w{2,40})\b/g;
const maxTerms = 12;

export function featuresOf(text: string, format: DocumentFormat = 'markdown'): Features {
  const hasCode = format === 'code' || codeFence.test(text) || (format === 'rst' && rstCode.test(text));
  const terms = new Set<number>();
  for (const [, quoted, camel] of text.matchAll(term)) {
    if (terms.size >= maxTerms) break;
    terms.add(hashOf(quoted ?? camel ?? ''));
  }
  return {
    hasCode,
    hasConfig: configFence.test(text) || (setting.test(text) && (terms.size > 0 || hasCode)),
    hasSteps: hasCode || commandFence.test(text) || doing.test(text),
    hasTrouble: trouble.test(text),
    hasChoices: (text.match(entries)?.length ?? 0) >= 3,
    words: contentWords(text).size,
    terms: [...terms],
  };
}

/** FNV-1a, 32 bits. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** How many words a task needs to stand on. */
const fewWords = 12;
const manyWords = 40;

/** What can be asked about one chunk alone. Tasks over several chunks depend on what lies beside it. */
export function suits(task: WritableTask, features: Features): boolean {
  switch (task) {
    case 'factual':
    case 'instruction':
    case 'falsePremise':
    case 'unanswerable':
      return true;
    case 'codeGeneration':
    case 'codeExplain':
      return features.hasCode;
    case 'config':
      return features.hasConfig;
    case 'howTo':
      return features.hasSteps;
    case 'debug':
      return features.hasTrouble;
    case 'comparison':
      return features.hasChoices;
    case 'explain':
      return features.words >= fewWords;
    case 'reasoning':
    case 'summary':
    case 'multiTurn':
      return features.words >= manyWords;
    case 'multiHop':
    case 'crossDocument':
    case 'longContext':
      return false;
  }
}
