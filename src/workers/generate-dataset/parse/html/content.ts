import type { Element, Nodes, Root } from 'hast';
import { childElements, classesOf, findElement, isElement, rawText } from './element.ts';

const layoutTags = new Set([
  'nav',
  'footer',
  'aside',
  'script',
  'style',
  'noscript',
  'template',
  'form',
  'svg',
  'button',
  'iframe',
  'dialog',
  'head',
]);
const layoutRoles = new Set([
  'navigation',
  'banner',
  'contentinfo',
  'search',
  'complementary',
  'menu',
  'menubar',
  'dialog',
]);
/** names that pages give to what stands around their content */
const layoutNames =
  /^(?:(?:site|page|doc|global|main|top|bottom|left|right|side|sphinx)[-_]?)?(?:nav(?:igation|bar)?|side-?bar\w*|menu|toc(?:tree-wrapper|-?tree)?|table-of-contents|contents-?nav|bread-?crumbs?|footer|cookies?(?:-\w+)?|banner|pag(?:er|ination)|search-?(?:box|bar)?|share|social|skip-?(?:link|to-content)|toolbar|related|edit-?(?:this-?)?page|prev-?next|headerlink|anchor-?link|hash-link|linenos?|gutter|copy-?btn|copybutton|admonition-title|sr-only|visually-hidden)$/i;

/** Whether an element is not part of what the page says. */
export function isLayout(element: Element): boolean {
  const { tagName, properties } = element;
  if (layoutTags.has(tagName) || layoutRoles.has(textOf(properties['role']))) return true;
  if (properties['hidden'] !== undefined && properties['hidden'] !== false) return true;
  if (properties['ariaHidden'] === 'true') return true;
  if (tagName === 'main' || tagName === 'article' || tagName === 'body' || tagName === 'html') return false;
  return [...classesOf(element), textOf(properties['id'])].some((name) => layoutNames.test(name));
}

const textOf = (property: unknown): string => (typeof property === 'string' ? property : '');

/** share of the text that one child holds, for the others to be left out */
const dominantShare = 0.8;

/** The part of a page that is its own: what it says it is, else where nearly all of its text stands. */
export function mainContent(root: Root): Root | Element {
  const declared =
    findElement(root, ({ tagName, properties }) => tagName === 'main' || properties['role'] === 'main') ??
    onlyArticle(root);
  if (declared !== undefined) return declared;
  let content: Root | Element = findElement(root, ({ tagName }) => tagName === 'body') ?? root;
  for (;;) {
    const children: Element[] = childElements(content).filter(
      (child) => !isLayout(child) && child.tagName !== 'header',
    );
    const weights = children.map(weightOf);
    const heaviest = weights.indexOf(Math.max(...weights));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const child = children[heaviest];
    // a section that dominates is content beside other content: only plain wrappers are stepped into
    if (child?.tagName !== 'div' || total === 0 || (weights[heaviest] ?? 0) < total * dominantShare) return content;
    content = child;
  }
}

/** One article is the page; several are a list of teasers. */
function onlyArticle(root: Root): Element | undefined {
  const article = findElement(root, ({ tagName }) => tagName === 'article');
  const isOther = ({ tagName, position }: Element): boolean =>
    tagName === 'article' && (position?.start.offset ?? 0) >= (article?.position?.end.offset ?? Infinity);
  return article !== undefined && findElement(root, isOther) === undefined ? article : undefined;
}

const textTags = new Set(['p', 'pre', 'li', 'dd', 'td', 'blockquote', 'h1', 'h2', 'h3', 'h4']);

/** Characters of text that is no link and no layout. */
function weightOf(node: Nodes): number {
  if (!isElement(node) || isLayout(node)) return 0;
  if (!textTags.has(node.tagName)) return childElements(node).reduce((sum, child) => sum + weightOf(child), 0);
  return Math.max(0, rawText(node).trim().length - linkedLength(node));
}

export function linkedLength(node: Nodes): number {
  if (isElement(node) && node.tagName === 'a') return rawText(node).trim().length;
  return childElements(node).reduce((sum, child) => sum + linkedLength(child), 0);
}
