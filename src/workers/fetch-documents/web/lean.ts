import { Parser } from 'htmlparser2';

/** shown to nobody, or only by a browser that runs the page */
const unseen = new Set(['script', 'style', 'noscript', 'template', 'svg', 'iframe', 'object', 'canvas']);
/** have no end tag */
const unseenTags = new Set(['meta', 'link', 'input', 'embed']);

/**
 * A page without scripts, styles, forms' tokens and comments, all else byte by byte as it was. Build numbers, nonces and
 * tokens would else make another page of it at each visit, and keys in scripts are no documentation.
 */
export function leanPage(content: Buffer): Buffer {
  // every byte is a character here, so that any encoding which begins like ASCII survives
  const html = content.toString('latin1');
  const cuts: { start: number; end: number }[] = [];
  let open: { name: string; depth: number; start: number } | undefined;
  const cut = (start: number, end: number | null): void => void cuts.push({ start, end: (end ?? html.length) + 1 });
  const parser = new Parser({
    onopentag(name, attributes) {
      if (open !== undefined) open.depth += name === open.name ? 1 : 0;
      else if (unseen.has(name)) open = { name, depth: 1, start: parser.startIndex };
      else if (unseenTags.has(name) && !tellsReaders(name, attributes)) cut(parser.startIndex, parser.endIndex);
    },
    onclosetag(name, isImplied) {
      if (open?.name !== name || --open.depth > 0) return;
      // an element that never ends would take the rest of the page with it
      if (!isImplied) cut(open.start, parser.endIndex);
      open = undefined;
    },
    oncomment(text) {
      // some pages tell their licence so
      if (open === undefined && !text.includes('SPDX-')) cut(parser.startIndex, parser.endIndex);
    },
  });
  parser.end(html);
  return Buffer.from(without(html, cuts), 'latin1');
}

function tellsReaders(name: string, { rel = '', name: about = '' }: Record<string, string>): boolean {
  if (name === 'link') return /\blicen[sc]e\b/i.test(rel);
  return name === 'meta' && /^(description|author|keywords|license|dcterms\.\w+)$/i.test(about);
}

function without(text: string, cuts: readonly { start: number; end: number }[]): string {
  let kept = '';
  let at = 0;
  for (const { start, end } of cuts) {
    kept += text.slice(at, start);
    at = end;
  }
  return kept + text.slice(at);
}
