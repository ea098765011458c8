import { createHash } from 'node:crypto';
import type { SkippedDocument } from '../../../contract/documents.ts';
import type { Candidate } from '../source.ts';
import { shown } from './address.ts';
import { toUtf8 } from './charset.ts';
import { extensionOf, isHtml } from './content-type.ts';
import type { Frontier, Target } from './frontier.ts';
import { leanPage } from './lean.ts';
import { readHead } from './links.ts';
import { hashedPath, pagePath } from './page-path.ts';
import type { PageRecord, SiteState } from '../network/state.ts';

/** Turns the pages that were read into candidates, and their links into targets. */
export interface Collector {
  /** undefined for a page that gives links alone, or that is decided on at the end */
  take(target: Target, url: URL, record: PageRecord, isKept: boolean): Promise<Candidate | undefined>;
  /** Pages that named another address as theirs, once it is known what became of that. */
  rest(): AsyncGenerator<Candidate>;
  documents(): number;
}

interface Page {
  url: URL;
  record: PageRecord;
  extension: string;
  /** it did not answer for now */
  isKept: boolean;
}

export function createCollector(frontier: Frontier, state: SiteState, respectRobots: boolean): Collector {
  const read = new Set<string>();
  const documents = new Set<string>();
  const paths = new Set<string>();
  const contents = new Map<string, string>();
  const deferred: (Page & { canonical: URL })[] = [];

  function publish({ url, extension, isKept }: Page, content: Buffer): Candidate {
    const sha256 = createHash('sha256').update(content).digest('hex');
    const twin = contents.get(sha256);
    if (twin !== undefined) return skipped(url, 'Duplicate', `has the content of ${twin}`, extension);
    contents.set(sha256, shown(url));
    documents.add(url.href);
    const plain = pagePath(url, extension);
    const path = paths.has(plain) ? hashedPath(url, extension) : plain;
    paths.add(path);
    return { path, content, url: url.href, ...(isKept ? { isKept } : {}) };
  }
  const contentOf = async ({ record, extension }: Page): Promise<Buffer> =>
    toUtf8(await state.read(record), record.type, extension);

  return {
    async take(target, url, record, isKept) {
      if (read.has(url.href)) return undefined;
      read.add(url.href);
      frontier.arrived(target, url);
      const extension = extensionOf(record.type, url);
      if (extension === undefined)
        return skipped(url, 'UnknownFormat', `is of the type "${record.type.slice(0, 100)}"`);
      const page = { url, record, extension, isKept };
      const content = await contentOf(page);
      const head = readHead(isHtml(extension) ? content.toString() : '', url, record.robots, respectRobots);
      if (head.refresh !== undefined && head.refresh.href !== url.href) {
        frontier.add({ ...target, url: head.refresh });
        return undefined;
      }
      for (const link of head.links) frontier.add({ url: link, depth: target.depth + 1, isFirst: false });
      if (!frontier.isWanted(url)) return undefined;
      if (head.isNoIndex) return skipped(url, 'RobotsDisallowed', 'asks by "noindex" not to be kept', extension);
      const canonical = canonicalOf(url, head.canonical, frontier);
      if (canonical === undefined || (read.has(canonical.href) && !documents.has(canonical.href))) {
        return publish(page, leanOf(page, content));
      }
      if (documents.has(canonical.href)) return sameAs(page, canonical);
      frontier.add({ url: canonical, depth: target.depth, isFirst: false });
      deferred.push({ ...page, canonical });
      return undefined;
    },
    async *rest() {
      for (const page of deferred) {
        if (documents.has(page.canonical.href)) yield sameAs(page, page.canonical);
        else yield publish(page, leanOf(page, await contentOf(page)));
      }
    },
    documents: () => documents.size,
  };
}

const leanOf = ({ extension }: Page, content: Buffer): Buffer => (isHtml(extension) ? leanPage(content) : content);

const sameAs = ({ url, extension }: Page, canonical: URL): Candidate =>
  skipped(url, 'Duplicate', `names ${shown(canonical)} as its address`, extension);

/** Some sites name their front page as the address of every page: that would leave nothing of them. */
function canonicalOf(url: URL, canonical: URL | undefined, frontier: Frontier): URL | undefined {
  if (canonical === undefined || canonical.href === url.href || !frontier.isWanted(canonical)) return undefined;
  return canonical.pathname === '/' && url.pathname !== '/' ? undefined : canonical;
}

/** `detail` goes on where the address ends. */
export function skipped(url: URL, skip: SkippedDocument['reason'], detail: string, extension = '.html'): Candidate {
  return { path: pagePath(url, extension), skip, detail: `${shown(url)} ${detail}`.slice(0, 512) };
}
