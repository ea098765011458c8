import type { Nodes, Text } from 'mdast';
import { gfmToMarkdown } from 'mdast-util-gfm';
import { toMarkdown, type Info, type State } from 'mdast-util-to-markdown';

/** A tree as Markdown text that reads back to the same tree. */
export function writeMarkdown(tree: Nodes): string {
  return toMarkdown(tree, {
    bullet: '-',
    fences: true,
    extensions: [gfmToMarkdown({ tablePipeAlign: false })],
    handlers: { text: writeText },
  });
}

/** Within a word an underscore never is emphasis, and names of code are full of them: no escape is needed there. */
function writeText(node: Text, _parent: unknown, state: State, info: Info): string {
  return state.safe(node.value, info).replace(/(?<=[\p{L}\d])\\_(?=[\p{L}\d])/gu, '_');
}
