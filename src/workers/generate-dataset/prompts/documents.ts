import { createHash } from 'node:crypto';

/** A part of a document as a prompt shows it. */
export interface Shown {
  /** path and headings */
  place: string;
  text: string;
}

/**
 * The documents of a prompt, each between marks that depend on its text, so that none can hold its own closing mark and
 * pass for something else than data. What stands first does not depend on what follows: providers cache prefixes.
 */
export const showDocuments = (shown: readonly Shown[]): string => shown.map(showDocument).join('\n\n');

function showDocument({ place, text }: Shown): string {
  const mark = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const label = place.replaceAll(/[<>\n\r"]/g, ' ').slice(0, 400);
  return `<document-${mark} place="${label}">\n${text}\n</document-${mark}>`;
}

/** A value that stands in tags of a prompt cannot close them. */
export const asData = (value: string): string =>
  value.replaceAll(/<(?=\/?(?:question|answer|evidence|first|second)>)/gi, '< ');
