const maxPathLength = 1024;
/** what common file systems take for one name, in bytes */
const maxNameBytes = 255;

/**
 * Whether a path of an untrusted source may become a file of the artifact: a tree made by hand may hold `..`, and
 * SHA256SUMS has no plain form for line breaks and backslashes.
 */
export function isSafePath(path: string): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (path.length === 0 || path.length > maxPathLength || /[\u0000-\u001f\u007f\\\ufffd]/.test(path)) return false;
  return path.split('/').every((name) => {
    return name !== '' && name !== '.' && name !== '..' && Buffer.byteLength(name) <= maxNameBytes;
  });
}
