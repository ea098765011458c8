import type { Selection } from '../select.ts';
import { globPath, type Scope } from './address.ts';
import { isNoDocument } from './content-type.ts';

export interface Target {
  url: URL;
  /** links that led here from a first page */
  depth: number;
  /** named by the user */
  isFirst: boolean;
}

/** The addresses of a crawl in the order in which they were found, each once. */
export interface Frontier {
  add(target: Target): void;
  next(): Target | undefined;
  /** Note where a target's redirects ended. The host of a first page belongs to the site, wherever it moved. */
  arrived(target: Target, url: URL): void;
  /** Whether a page belongs to the source. */
  isWanted(url: URL): boolean;
  /** how many were found, and are waiting */
  known(): number;
  waiting(): readonly Target[];
  /** how many were found and are not even remembered */
  forgotten(): number;
}

export interface FrontierOptions {
  scope: Scope;
  selection: Selection;
  maxDepth: number;
  /** bounds the memory; a site may make up addresses without end */
  maxKnown: number;
}

export function createFrontier({ scope, selection, maxDepth, maxKnown }: FrontierOptions): Frontier {
  const known = new Set<string>();
  const queue: Target[] = [];
  let taken = 0;
  let forgotten = 0;
  const isWanted = (url: URL): boolean => scope.has(url) && selection(globPath(url));
  return {
    isWanted,
    add(target) {
      const { url, depth, isFirst } = target;
      if (known.has(url.href) || depth > maxDepth) return;
      if (!isFirst && (isNoDocument(url) || !isWanted(url))) return;
      if (known.size >= maxKnown) forgotten++;
      else {
        known.add(url.href);
        queue.push(target);
      }
    },
    next() {
      const target = queue[taken];
      if (target !== undefined) taken++;
      return target;
    },
    arrived({ isFirst }, url) {
      known.add(url.href);
      if (isFirst) scope.add(url);
    },
    known: () => queue.length,
    waiting: () => queue.slice(taken),
    forgotten: () => forgotten,
  };
}
