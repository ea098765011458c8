import { createHash } from 'node:crypto';
import { formatOf } from '../classify.ts';

/** room for the hash and the ending within the 255 bytes of a name, and for a dozen folders within 1024 */
const maxNameBytes = 120;
const maxFolders = 6;

/**
 * The path of a page below `files/`, such as "docs.example.org/guide/install.html": a function of its address alone, and a safe
 * path whatever the address holds. Two addresses may share a path ("/a" and "/a.html"); `hashedPath` tells them apart.
 */
export function pagePath(url: URL, extension: string): string {
  const { folders, name, isExact } = parts(url, extension);
  return [hostFolder(url), ...folders, isExact ? name + extension : `${name}~${hashOf(url)}${extension}`].join('/');
}

/** The same with a hash of the whole address. */
export function hashedPath(url: URL, extension: string): string {
  const { folders, name } = parts(url, extension);
  return [hostFolder(url), ...folders, `${name}~${hashOf(url)}${extension}`].join('/');
}

const hashOf = ({ href }: URL): string => createHash('sha256').update(href).digest('hex').slice(0, 12);

/** pages by plain HTTP are others than those by HTTPS */
function hostFolder({ protocol, hostname, port }: URL): string {
  const shown = port === '' ? (protocol === 'https:' ? '' : '_80') : `_${port}`;
  return hostname.replace(/[[\]]/g, '').replaceAll(':', '-') + shown;
}

function parts(url: URL, extension: string): { folders: string[]; name: string; isExact: boolean } {
  const segments = url.pathname.slice(1).split('/');
  const last = segments.pop() ?? '';
  const folders = segments.map(safeName);
  const stem = last.toLowerCase().endsWith(extension) ? last.slice(0, -extension.length) : last;
  const name = last === '' ? { text: 'index', isExact: true } : safeName(stem);
  const isExact = url.search === '' && [...folders, name].every((part) => part.isExact) && folders.length <= maxFolders;
  // a file "a.html" and a folder "a.html" cannot lie side by side
  const names = folders.slice(0, maxFolders).map(({ text }) => (formatOf(text) === undefined ? text : `${text}~`));
  return { folders: names, name: name.text, isExact };
}

/** `isExact` says that no other segment has this name. */
function safeName(segment: string): { text: string; isExact: boolean } {
  const decoded = decodeSegment(segment);
  const text = cut(decoded.replace(unsafe, '_').replace(/^\.+$/, '_'));
  // "+" and "%2B" are two addresses and would be one name; what is beyond ASCII can only be written in one way
  const isExact = text === decoded && text !== '' && !/%(?!20)[0-7]/.test(segment);
  return { text: text === '' ? '_' : text, isExact };
}

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const unsafe = /[\u0000-\u001f\u007f-\u009f/\\\ufffd\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff~]/g;

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Cut at a whole character. */
function cut(text: string): string {
  let kept = '';
  for (const character of text) {
    if (Buffer.byteLength(kept + character) > maxNameBytes) break;
    kept += character;
  }
  return kept;
}
