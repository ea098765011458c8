import type { Section } from '../parse/block.ts';
import type { Span } from '../parse/prose.ts';

/** Whether a range holds a part of a paragraph, list, table or example: the rest is headings and layout. */
export const hasContent = (range: Span, sections: readonly Section[]): boolean =>
  sections.some(
    (section) =>
      overlap(section, range) &&
      section.blocks.some((block) => block.kind !== 'heading' && block.kind !== 'other' && overlap(block, range)),
  );

const overlap = (a: Span, b: Span): boolean => a.start < b.end && a.end > b.start;
