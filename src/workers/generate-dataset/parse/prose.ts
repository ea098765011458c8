/** A half-open range of a document in UTF-16 code units. */
export interface Span {
  start: number;
  end: number;
}

/** Text as a person reads it, each of whose characters knows where it stands in the document. */
export interface Prose {
  text: string;
  /** for each character of `text`, its range in the document */
  spans: readonly Span[];
  /** how many characters are the text of a link */
  linked: number;
}

export const emptyProse: Prose = { text: '', spans: [], linked: 0 };

export function joinProse(parts: readonly Prose[]): Prose {
  return {
    text: parts.map((part) => part.text).join(''),
    spans: parts.flatMap((part) => part.spans),
    linked: parts.reduce((sum, part) => sum + part.linked, 0),
  };
}

/** A part of the text, without the white space around it. */
export function sliceProse(prose: Prose, start: number, end = prose.text.length): Prose {
  while (start < end && isSpace(prose.text[start])) start += 1;
  while (end > start && isSpace(prose.text[end - 1])) end -= 1;
  return { text: prose.text.slice(start, end), spans: prose.spans.slice(start, end), linked: 0 };
}

const isSpace = (char: string | undefined): boolean => char !== undefined && /\s/.test(char);

/** The range of the document from which all of the text was taken. */
export function spanOf(prose: Prose): Span | undefined {
  const first = prose.spans[0];
  const last = prose.spans.at(-1);
  return first === undefined || last === undefined ? undefined : { start: first.start, end: last.end };
}

/**
 * Map the value of a node to the source it was read from: characters are found in order, so indentation, escapes and
 * comment marks between them are skipped. Where that fails (entities), every character stands for the whole source.
 */
export function alignProse(value: string, source: string, offset: number): Prose {
  const spans: Span[] = [];
  let at = 0;
  for (const char of value.split('')) {
    const found = isSpace(char) ? at : source.indexOf(char, at);
    if (found === -1) return mapWhole(value, { start: offset, end: offset + source.length });
    const width = isSpace(char) && !isSpace(source[found]) ? 0 : 1;
    spans.push({ start: offset + found, end: offset + found + width });
    at = found + width;
  }
  return { text: value, spans, linked: 0 };
}

export const mapWhole = (value: string, span: Span): Prose => ({
  text: value,
  spans: value.split('').map(() => span),
  linked: 0,
});

/** One line of text: every run of white space becomes one blank. */
export function flattenProse(prose: Prose): Prose {
  // an array, as asking a string that grows for its end copies it each time
  const chars: string[] = [];
  const spans: Span[] = [];
  for (let index = 0; index < prose.text.length; index += 1) {
    const char = prose.text.charAt(index);
    const isBlank = isSpace(char);
    if (isBlank && (chars.length === 0 || chars.at(-1) === ' ')) continue;
    chars.push(isBlank ? ' ' : char);
    spans.push(prose.spans[index] ?? { start: 0, end: 0 });
  }
  return { ...sliceProse({ text: chars.join(''), spans, linked: 0 }, 0), linked: prose.linked };
}

/** Let the ends of the text stand for the whole of a markup node, so that a quote never begins inside a link. */
export function wrapProse(prose: Prose, span: Span): Prose {
  const spans = [...prose.spans];
  const [first, last] = [spans[0], spans.at(-1)];
  if (first === undefined || last === undefined) return prose;
  spans[0] = { start: span.start, end: Math.max(first.end, spans.length === 1 ? span.end : 0) };
  spans[spans.length - 1] = { start: spans.length === 1 ? span.start : last.start, end: span.end };
  return { ...prose, spans };
}
