import type { Draft, Problem, Scene } from './draft.ts';

const maxQuestion = 1500;
const minQuestion = 6;
const contextual =
  /\b(?:this|the|that) (?:document|text|passage|article|section|page|excerpt|author|snippet|chapter|paragraph)s?\b|根据(?:文档|上文|本文|以上|下文|文中)|本文|上文|上述|下文|文中|该文档|这篇|作者/i;
/** pointing at what a question with code of its own may hold itself */
const pointing =
  /\b(?:the|an?) (?:above|below|following)\b|\b(?:example|code|snippet|table|list|section|diagram|output|command|configuration|options?)s? (?:above|below)\b|\b(?:mentioned|described|shown|listed|given|explained|as) (?:above|below|here|earlier|before)\b|如下|以下/i;
const codeName = /`[^`\s]{2,}`|\b[a-z]+[A-Z]\w*|\b\w+\.\w+\(|\b[A-Z][a-z]+[A-Z]\w*/;

/** The wordings that stand by themselves. Something to call the thing by is needed: the project or a name of its code. */
export function usableQuestions(
  { questions, earlier }: Draft,
  { project }: Scene,
): { usable: string[]; problem: Problem | undefined } {
  // what follows in a conversation leans on what was said
  const isFirst = earlier === undefined || earlier.length === 0;
  const trimmed = questions.map((question) => question.trim()).filter((question) => question !== '');
  const found = trimmed.map((question) => ({ question, flaw: flawOf(question, project, isFirst) }));
  const usable = found.filter(({ flaw }) => flaw === undefined).map(({ question }) => question);
  const flaw = found.find((entry) => entry.flaw !== undefined);
  const detail = flaw === undefined ? 'no question' : `${flaw.flaw ?? ''}: ${flaw.question}`;
  return { usable, problem: usable.length === 0 ? { reason: 'NOT_SELF_CONTAINED', detail } : undefined };
}

function flawOf(question: string, project: string, isFirst: boolean): string | undefined {
  if (question.length < minQuestion) return 'too short';
  if (question.length > maxQuestion) return 'too long';
  const prose = question.replace(/```[^]*?```/g, '');
  if (contextual.test(prose) || (prose === question && pointing.test(prose))) return 'leans on the document';
  if (isFirst && !namesProject(question, project) && !codeName.test(question)) return 'names no subject';
  return undefined;
}

function namesProject(question: string, project: string): boolean {
  const asked = question.toLowerCase();
  const words = project.toLowerCase().match(/[\p{L}\p{N}.]{2,}/gu) ?? [];
  return asked.includes(project.toLowerCase()) || words.some((word) => !filler.has(word) && asked.includes(word));
}

const filler = new Set(['the', 'of', 'and', 'for', 'docs', 'documentation', 'guide', 'manual', 'reference', 'book']);
