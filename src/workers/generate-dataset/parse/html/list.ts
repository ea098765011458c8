import type { Element } from 'hast';
import type { Block, ListItem } from '../block.ts';
import { joinProse, mapWhole, spanOf, type Prose } from '../prose.ts';
import { linkedLength } from './content.ts';
import { childElements, classesOf, positionOf, rawText } from './element.ts';
import { proseOf } from './inline.ts';

/** above this share of links, and with so many items, a list leads elsewhere */
const linkShare = 0.8;
const minLinks = 4;

export function readList(list: Element, source: string): Block {
  const items = childElements(list, 'li').map((item): ListItem => ({
    prose: proseOf(item, source),
    ...positionOf(item),
  }));
  const isNavigation = items.length >= minLinks && linkedLength(list) > rawText(list).trim().length * linkShare;
  return isNavigation ? { kind: 'other', ...positionOf(list) } : { kind: 'list', items, ...positionOf(list) };
}

/** Whether a list of terms is an entry of an API, as generators of documentation write it. */
export const isEntry = (list: Element): boolean =>
  classesOf(list).some((name) =>
    /^(?:py|c|cpp|js|std|rst|function|class|method|attribute|data|exception|option|envvar|confval)$/.test(name),
  );

/** Terms with their meaning as items. */
export function readTerms(list: Element, source: string): Block {
  const items: ListItem[] = [];
  let terms: Element[] = [];
  // pairs may stand in groups
  for (const element of childElements(list).flatMap((each) =>
    each.tagName === 'div' ? childElements(each) : [each],
  )) {
    if (element.tagName === 'dt') terms.push(element);
    if (element.tagName !== 'dd') continue;
    const label = joinProse(
      terms.flatMap((term, index) => (index === 0 ? [] : [mark(', ', term)]).concat(proseOf(term, source))),
    );
    const text = proseOf(element, source);
    const start = positionOf(terms[0] ?? element).start;
    items.push({ prose: labelled(label, text), start, end: positionOf(element).end });
    terms = [];
  }
  return { kind: 'list', items, ...positionOf(list) };
}

const mark = (text: string, at: Element): Prose => {
  const { start } = positionOf(at);
  return mapWhole(text, { start, end: start });
};

function labelled(label: Prose, text: Prose): Prose {
  const place = spanOf(label)?.end ?? 0;
  if (label.text === '' || text.text === '') return joinProse([label, text]);
  return joinProse([label, mapWhole(': ', { start: place, end: place }), text]);
}
