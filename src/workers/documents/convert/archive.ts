import { unzipSync } from 'fflate';
import { UnreadableDocument } from './failure.ts';

const maxUnpackedBytes = 256 * 2 ** 20;
/** text packs up to about 20 times; more than this is made to overwhelm who unpacks it */
const maxRatio = 100;
const freeBytes = 16 * 2 ** 20;
const maxEntries = 10_000;

/** Look at what a zip archive says of itself, before anything is unpacked. Throws UnreadableDocument for a bomb. */
export function checkArchive(content: Uint8Array): void {
  let bytes = 0;
  let entries = 0;
  try {
    unzipSync(content, {
      filter({ originalSize }) {
        bytes += originalSize;
        entries += 1;
        return false;
      },
    });
  } catch (error) {
    throw new UnreadableDocument('BadDocument', 'the document is no zip archive', { cause: error });
  }
  if (entries > maxEntries) throw new UnreadableDocument('Bomb', `its archive has ${entries} entries`);
  if (bytes > maxUnpackedBytes || (bytes > freeBytes && bytes > content.length * maxRatio))
    throw new UnreadableDocument('Bomb', `its archive of ${content.length} bytes unpacks to ${bytes}`);
}
