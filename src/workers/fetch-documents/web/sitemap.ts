import { Parser } from 'htmlparser2';
import { pageAddress } from './address.ts';
import { unpackedFile } from '../network/body.ts';

/** of one sitemap, unpacked, as the protocol has it */
export const maxSitemapBytes = 50 * 2 ** 20;

export interface Sitemap {
  /** an index lists other sitemaps */
  isIndex: boolean;
  /** each once, in the order of the file */
  urls: URL[];
  /** entries beyond the limit */
  further: number;
}

/**
 * The addresses in a sitemap file: XML or one address a line, packed or not, at most `limit` of them. undefined for
 * something else. Throws TooMuch for a bomb.
 */
export async function readSitemap(path: string, base: URL, limit: number): Promise<Sitemap | undefined> {
  const urls = new Map<string, URL>();
  let further = 0;
  const add = (text: string): void => {
    const url = pageAddress(text.trim(), base);
    if (url === undefined || urls.has(url.href)) return;
    if (urls.size < limit) urls.set(url.href, url);
    else further++;
  };
  const decoder = new TextDecoder();
  let reader: Reader | undefined;
  for await (const part of unpackedFile(path, maxSitemapBytes)) {
    const text = decoder.decode(part, { stream: true });
    reader ??= text.trimStart().startsWith('<') ? xmlReader(add) : lineReader(add);
    reader.write(text);
    if (reader.isBad()) break;
  }
  reader?.end();
  return reader?.root() === undefined
    ? undefined
    : { isIndex: reader.root() === 'sitemapindex', urls: [...urls.values()], further };
}

interface Reader {
  write(text: string): void;
  end(): void;
  /** undefined for what is no sitemap */
  root(): 'urlset' | 'sitemapindex' | undefined;
  /** whether the rest is not worth reading */
  isBad(): boolean;
}

/** longer ones are no addresses, and must not pile up */
const maxAddress = 4096;

function xmlReader(add: (text: string) => void): Reader {
  let root: 'urlset' | 'sitemapindex' | undefined;
  let address: string | undefined;
  const parser = new Parser(
    {
      onopentag(name) {
        if (name === 'urlset' || name === 'sitemapindex') root ??= name;
        if (name === 'loc' && root !== undefined) address = '';
      },
      ontext(text) {
        if (address !== undefined && address.length < maxAddress) address += text;
      },
      onclosetag(name) {
        if (name !== 'loc' || address === undefined) return;
        add(address);
        address = undefined;
      },
    },
    { xmlMode: true },
  );
  return { write: (text) => parser.write(text), end: () => parser.end(), root: () => root, isBad: () => false };
}

function lineReader(add: (text: string) => void): Reader {
  let rest = '';
  let isList = true;
  const take = (line: string): void => {
    if (/^https?:\/\/\S+$/.test(line.trim())) add(line);
    else if (line.trim() !== '') isList = false;
  };
  return {
    write(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach(take);
      if (rest.length > maxAddress) isList = false;
    },
    end: () => take(rest),
    root: () => (isList ? 'urlset' : undefined),
    isBad: () => !isList,
  };
}
