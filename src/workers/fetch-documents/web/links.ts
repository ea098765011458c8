import { Parser } from 'htmlparser2';
import { pageAddress } from './address.ts';

/** a page with more links is a list that was made to keep crawlers busy */
const maxLinks = 10_000;

export interface PageHead {
  /** addresses that the page links to, in the order of the page, each once */
  links: URL[];
  canonical: URL | undefined;
  /** whether the page asks not to be kept */
  isNoIndex: boolean;
}

/**
 * What a page says of itself and of others. `robotsHeader` is its header X-Robots-Tag. Frames, scripts and what else a page loads are
 * no links. With `respectRobots` false, "nofollow" and "noindex" count for nothing.
 */
export function readHead(html: string, address: URL, robotsHeader: string, respectRobots: boolean): PageHead {
  const links = new Map<string, URL>();
  let base = address;
  let canonical: URL | undefined;
  const rules = new Set(respectRobots ? directives(robotsHeader) : []);
  const handlers = new Map<string, (attributes: Record<string, string>) => void>([
    ['base', ({ href }) => (base = pageAddress(href ?? '', address) ?? base)],
    [
      'meta',
      ({ name, content }) => {
        if (respectRobots && /^(robots|doctune)$/i.test(name ?? ''))
          for (const rule of directives(content ?? '')) rules.add(rule);
      },
    ],
    [
      'link',
      ({ rel, href }) => {
        if (href !== undefined && words(rel).includes('canonical')) canonical ??= pageAddress(href, base);
      },
    ],
    [
      'a',
      ({ rel, href }) => {
        if (href === undefined || links.size >= maxLinks || (respectRobots && words(rel).includes('nofollow'))) return;
        const link = pageAddress(href.trim(), base);
        if (link !== undefined) links.set(link.href, link);
      },
    ],
  ]);
  const parser = new Parser({ onopentag: (name, attributes) => handlers.get(name)?.(attributes) });
  parser.end(html);
  const isNoFollow = rules.has('nofollow') || rules.has('none');
  return {
    links: isNoFollow ? [] : [...links.values()],
    canonical,
    isNoIndex: rules.has('noindex') || rules.has('none'),
  };
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
