import type { Block } from './block.ts';

/** One line a block, as a reader would tell it: for tests. */
export function outline(blocks: readonly Block[]): string[] {
  return blocks.map((block) => {
    switch (block.kind) {
      case 'heading':
        return `${'#'.repeat(block.depth)} ${block.prose.text}`;
      case 'paragraph':
        return `p ${block.prose.text}`;
      case 'code':
        return `code ${block.language}: ${block.code.replaceAll('\n', '⏎')}`;
      case 'list':
        return `list ${block.items.map((item) => item.prose.text).join(' | ')}`;
      case 'table':
        return `table ${[block.header, ...block.rows].map((row) => row.map((cell) => cell.text).join(',')).join(' / ')}`;
      case 'other':
        return 'other';
    }
  });
}
