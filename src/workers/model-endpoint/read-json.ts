import { jsonrepair } from 'jsonrepair';

/**
 * The JSON object or list in an answer: alone, in a fence, or between sentences; small damage is mended, such as a comma
 * too many or quotes that are not escaped. Undefined where there is none: words alone are never made into JSON.
 */
export function readJson(content: string): unknown {
  const fenced = /```(?:json5?|jsonc)?[ \t]*\r?\n([^]*?)\r?\n[ \t]*```/i.exec(content)?.[1];
  for (const text of [content, fenced, between(content)]) {
    const value = text === undefined ? undefined : parse(text);
    if (value !== undefined) return value;
  }
  return mend(fenced ?? between(content));
}

const isContainer = (value: unknown): boolean => typeof value === 'object' && value !== null;

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isContainer(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** From the first bracket to the last one. */
function between(content: string): string | undefined {
  const start = content.search(/[[{]/);
  const end = Math.max(content.lastIndexOf('}'), content.lastIndexOf(']'));
  return start === -1 || end < start ? undefined : content.slice(start, end + 1);
}

function mend(text: string | undefined): unknown {
  // a bracket in a sentence is no JSON, though the library would make some of it
  if (text === undefined || !/^\s*(?:\{\s*["'\w]|\[\s*[{["'\d])/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(jsonrepair(text));
    return isContainer(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
