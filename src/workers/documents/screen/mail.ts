import type { SensitiveSpan } from './span.ts';

const address =
  /(?<![\w.+%/@-])[A-Za-z0-9][\w.+%-]{0,63}@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24})(?![\w@(]|\.[A-Za-z0-9])/g;
/** top domains that people have addresses in; others are as likely names in source code */
const topDomain =
  /^([a-z]{2}|com|org|net|edu|gov|mil|int|info|biz|name|pro|dev|app|cloud|tech|online|site|xyz|email|blog|systems|software|consulting|solutions|agency|studio|network|world|live|life)$/i;
/** endings of files, which are top domains too: "icon@2x.png", "pkg@next.js" */
const fileEnding = /^(ts|js|py|rs|sh|md|go|cc|hs|pl|ps|so|zip|rb)$/i;
/** domains set aside for examples (RFC 2606, RFC 6761), what authors take in their place, and names of ssh algorithms */
const exampleDomain =
  /(^|\.)(example|invalid|test|localhost|local|internal)(\.[a-z]{2,3}){0,2}$|(^|[.-])(your|my|some|any)-?[a-z]*\.|^(foo|bar|baz|acme|domain|company|corp|email|mail|host|server|site|website|mydomain|x|a|b|c|abc|xyz)\.[a-z]+$|noreply|^(openssh|libssh)\.(com|org)$/i;
/** addresses of no person: version control over ssh, senders that nobody reads, and offices */
const office =
  /^(git|hg|svn|no-?reply|do-?not-?reply|info|support|security|abuse|postmaster|webmaster|hostmaster|contact|help|hello|conduct|press|sales|you|user|username|name|someone|somebody|alice|bob|foo|bar)([+_-].*)?$/i;

/** Mail addresses of people; those of examples and of offices stay. */
export function findMailAddresses(text: string): SensitiveSpan[] {
  if (!text.includes('@')) return [];
  return [...text.matchAll(address)].flatMap((match) => {
    const [whole, domain = ''] = match;
    const local = whole.slice(0, whole.indexOf('@'));
    const top = domain.slice(domain.lastIndexOf('.') + 1);
    const isPerson = topDomain.test(top) && !fileEnding.test(top) && !exampleDomain.test(domain) && !office.test(local);
    return isPerson ? [{ start: match.index, end: match.index + whole.length, kind: 'email' }] : [];
  });
}
