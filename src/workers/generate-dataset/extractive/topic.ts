/** How the questions name a thing: the project, the place in its documents and the thing itself. */
export interface Topic {
  project: string;
  /** headings above, the nearest last; may be empty */
  where: string;
  name: string;
}

/** titles that say nothing without the one above */
const generic =
  /^(?:introduction|overview|example|examples|usage|notes?|options?|properties|methods|parameters|arguments|details|summary|general|basics?|other|misc|简介|介绍|示例|例子|用法|参数|选项|概述|说明)$/i;

const looksLikeCode =
  /^(?:\.?[\w$@/-]+(?:\.[\w$]+)*\([^)]*\)|\.[a-z$]\w*|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[a-z$]+[A-Z]\w*|[\w$]+(?:\.[\w$]+)+|@[\w-]+\/[\w-]+|--?[a-z][\w-]*)$/;

/** Whether a title names something of an API: a call, a property, an option, an error code. */
export const isApiName = (title: string): boolean =>
  (/^`[^`]+`$/.test(title) || looksLikeCode.test(title)) && !fileName.test(title);

const fileName = /^`?[\w./-]+\.(?:[cm]?[jt]sx?|json|md|ya?ml|toml|py|go|rs|sh|html|css|txt|lock|env|conf|ini)`?$/i;

/** A name as it is written in a question: API names in backticks. */
export const quoteName = (name: string): string => (isApiName(name) && !name.startsWith('`') ? `\`${name}\`` : name);

/**
 * A title as it stands between quotation marks. A signature with its generic parameters is longer than any question; its
 * name says what it is.
 */
function plainTitle(title: string): string {
  const name = title.replace(/^([\w$.]+) ?< ?[A-Za-z][^]*>[^]*$/, '`$1`');
  return name.includes('`') ? name : name.replaceAll('"', "'");
}

/** Titles without the project's own name and without one that only repeats the next. */
function trimPath(path: readonly string[], project: string): string[] {
  const titles = path.map((title) => plainTitle(title.replace(/[:：]$/, '').trim())).filter((title) => title !== '');
  return titles.filter(
    (title, index) =>
      title.toLowerCase() !== project.toLowerCase() && title.toLowerCase() !== titles[index + 1]?.toLowerCase(),
  );
}

/** The topic of a section. A title such as "Introduction" is named with the one above it. */
export function topicOf(path: readonly string[], project: string, fallback: string): Topic {
  const titles = trimPath(path, project);
  const last = titles.at(-1) ?? fallback;
  const above = titles.slice(0, -1);
  if (!generic.test(last) || above.length === 0) return { project, where: whereOf(above), name: quoteName(last) };
  const name = `${above.at(-1) ?? ''}: ${last}`;
  return { project, where: whereOf(above.slice(0, -1)), name };
}

/** The topic of something that is listed in a section. */
export function topicIn(path: readonly string[], project: string, fallback: string, name: string): Topic {
  const titles = trimPath(path, project);
  return { project, where: whereOf(titles.length === 0 ? [fallback] : titles), name: quoteName(name) };
}

/** The document's title and the nearest heading are enough to know the place. */
function whereOf(titles: readonly string[]): string {
  const [first, last] = [titles[0], titles.at(-1)];
  if (first === undefined || last === undefined) return '';
  return titles.length === 1 ? first : `${first}, ${last}`;
}
