import { Parser } from 'htmlparser2';
import { pageAddress } from './address.ts';

/** a page with more links is a list that was made to keep crawlers busy */
const maxLinks = 10_000;

export interface PageHead {
  /** addresses that the page links to, in the order of the page, each once */
  links: URL[];
  canonical: URL | undefined;
  /** where the page leads its readers to at once, without a redirect of its server */
  refresh: URL | undefined;
  /** whether the page asks not to be kept */
  isNoIndex: boolean;
}

/**
 * What a page says of itself and of others. `robotsHeader` is its header X-Robots-Tag. Frames, scripts and what else a page loads are
 * no links. With `respectRobots` false, "nofollow" and "noindex" count for nothing.
 */
export function readHead(html: string, address: URL, robotsHeader: string, respectRobots: boolean): PageHead {
  const links = new Map<string, URL>();
  const rules = new Set(directives(robotsHeader));
  const head: Pick<PageHead, 'canonical' | 'refresh'> = { canonical: undefined, refresh: undefined };
  let base = address;
  let isWithoutScripts = false;
  const parser = new Parser({
    onopentag(name, { href, rel, content = '', name: about = '', 'http-equiv': header = '' }) {
      if (name === 'noscript') isWithoutScripts = true;
      else if (name === 'base') base = pageAddress(href ?? '', address) ?? base;
      else if (name === 'meta' && /^(robots|doctune)$/i.test(about))
        directives(content).forEach((rule) => rules.add(rule));
      else if (name === 'meta' && /^refresh$/i.test(header) && !isWithoutScripts)
        head.refresh ??= refreshOf(content, base);
      else if (name === 'link' && href !== undefined && words(rel).includes('canonical')) {
        head.canonical ??= pageAddress(href, base);
      } else if (name === 'a' && href !== undefined && links.size < maxLinks) {
        const link = respectRobots && words(rel).includes('nofollow') ? undefined : pageAddress(href.trim(), base);
        if (link !== undefined) links.set(link.href, link);
      }
    },
    onclosetag(name) {
      if (name === 'noscript') isWithoutScripts = false;
    },
  });
  parser.end(html);
  const isAsked = (rule: string): boolean => respectRobots && (rules.has(rule) || rules.has('none'));
  return { ...head, links: isAsked('nofollow') ? [] : [...links.values()], isNoIndex: isAsked('noindex') };
}

/** a page that waits longer is read first */
const maxRefreshSeconds = 5;

/** "0; url=/en/" */
function refreshOf(content: string, base: URL): URL | undefined {
  const [, seconds, target] = /^\s*(\d*)[^;,]*[;,]\s*(?:url\s*=\s*)?["']?([^"']+)/i.exec(content) ?? [];
  if (target === undefined || Number(seconds) > maxRefreshSeconds) return undefined;
  return pageAddress(target.trim(), base);
}

const words = (text: string | undefined): string[] => (text ?? '').toLowerCase().split(/\s+/);

/** "noindex, nofollow", or for one crawler "doctune: noindex"; what is meant for another crawler does not count */
function directives(text: string): string[] {
  let agent = '';
  return text
    .toLowerCase()
    .split(',')
    .flatMap((part) => {
      const [, named, rule = ''] = /^\s*(?:([\w-]+)\s*:)?\s*(\S*)/.exec(part) ?? [];
      if (named !== undefined && named !== 'unavailable_after' && !/^max-/.test(named)) agent = named;
      return agent === '' || agent === 'doctune' ? [rule] : [];
    });
}
