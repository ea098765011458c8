import { childrenOf, type Node } from './tree.ts';

/** code that is longer than this is given places to be cut at: about 1024 tokens of 4 characters */
export const maxPartLength = 4096;

/**
 * Starts of lines where code that is too long may be cut: before the members of the smallest nodes that are too long
 * themselves, with the comments above them. Ascending, without 0.
 */
export function cutsOf(root: Node, text: string): number[] {
  const cuts = new Set<number>();
  const queue = [root];
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    if (node.endIndex - node.startIndex <= maxPartLength) continue;
    let isLead = false;
    for (const child of childrenOf(node)) {
      const line = text.lastIndexOf('\n', child.startIndex - 1) + 1;
      if (!isLead && line > 0 && text.slice(line, child.startIndex).trim() === '') cuts.add(line);
      isLead = child.type.includes('comment') || /^(?:attribute|decorator)/.test(child.type);
      queue.push(child);
    }
  }
  return [...cuts].sort((a, b) => a - b);
}

/** The same for code without a grammar: before lines that are not indented. */
export function cutsByLayout(text: string): number[] {
  return [...text.matchAll(/^(?=[^\s)}\]])/gm)].map((match) => match.index).filter((index) => index > 0);
}
