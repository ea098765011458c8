import { afterAll } from 'vitest';
import { createWebSite, listen, type WebSite } from './index.ts';

const closers: (() => void)[] = [];
afterAll(() => closers.forEach((close) => close()));

/** Serve pages until the tests of the file are over. */
export async function serve(pages: WebSite['pages'], tls?: { key: string; cert: string }) {
  const site = createWebSite(pages, tls);
  const { port, close } = await listen(site.server);
  closers.push(close);
  return { ...site, port, url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}` };
}
