import type { Span } from '../prose.ts';
import { childrenOf, type Node } from './tree.ts';

/** A function, class or type at the top of a file. */
export interface Declaration extends Span {
  name: string;
  /** where its documentation stands: before it, or within it as its first statement */
  comment?: Span;
}

/** The declarations of a file in their order; those in a namespace count as at the top. */
export function findDeclarations(root: Node): Declaration[] {
  const nodes = topNodes(root);
  return nodes.flatMap((node, index) => {
    const name = isDeclaration(node) ? nameOf(node) : undefined;
    if (name === undefined) return [];
    const { start, comment } = leadOf(nodes, index);
    const found = docstringOf(node) ?? comment;
    return [{ name, start, end: trimmedEnd(node), ...(found !== undefined && { comment: found }) }];
  });
}

const namespaces =
  /^(?:namespace_(?:declaration|definition)|file_scoped_namespace_declaration|linkage_specification|preproc_if(?:def)?|module|internal_module)$/;
const bodies = /^(?:declaration_list|body_statement|compound_statement|statement_block)$/;

function topNodes(parent: Node): Node[] {
  return childrenOf(parent).flatMap((node) => {
    if (node.type === 'expression_statement' && node.firstNamedChild?.type === 'internal_module')
      return topNodes(node.firstNamedChild);
    if (namespaces.test(node.type) || bodies.test(node.type)) return topNodes(node);
    return [node];
  });
}

const declared =
  /function|method|class|interface|struct|enum|union|trait|impl|record|protocol|delegate|type_(?:alias|declaration|definition|item)|alias_declaration|decorated|template|export_statement|ambient|lexical_declaration|variable_declaration|const_|static_item|macro_definition|preproc_def|concept|^declaration$/;
const isDeclaration = (node: Node): boolean =>
  declared.test(node.type) &&
  !/call|expression/.test(node.type) &&
  // the guard of a header
  (node.type !== 'preproc_def' || node.childForFieldName('value') !== null);

/** fields and children that lead from a wrapper to what it declares */
const inner = ['name', 'declaration', 'definition', 'declarator', 'type'] as const;
const identifiers = /identifier$|^(?:constant|word|name|scope_resolution|operator_name|destructor_name)$/;
const maxSteps = 8;

function nameOf(node: Node): string | undefined {
  let at: Node | null = node;
  for (let step = 0; at !== null && step < maxSteps; step += 1) {
    if (identifiers.test(at.type)) return at.text.length <= 200 ? at.text : undefined;
    at = next(at);
  }
  return undefined;
}

function next(node: Node): Node | null {
  for (const field of inner) {
    const child = node.childForFieldName(field);
    // a C function has its result as `type`, and its name in the declarator
    if (child !== null && (field !== 'type' || node.childForFieldName('declarator') === null)) return child;
  }
  const wrapped = /^(?:template_declaration|ambient_declaration)$/.test(node.type)
    ? childrenOf(node).at(-1)
    : childrenOf(node).find((child) => /_(?:declarator|spec)$/.test(child.type));
  return wrapped ?? null;
}

/** A comment that is not the line that names an interpreter. */
const isComment = (node: Node): boolean => node.type.includes('comment') && !node.text.startsWith('#!');
const isAttribute = (node: Node): boolean => /^attribute_(?:item|list)$/.test(node.type);

/** Attributes and comments that stand right before a declaration. */
function leadOf(nodes: readonly Node[], index: number): { start: number; comment?: Span } {
  const node = nodes[index];
  let start = node?.startIndex ?? 0;
  let row = node?.startPosition.row ?? 0;
  let comment: Span | undefined;
  for (let at = index - 1; at >= 0; at -= 1) {
    const before = nodes[at];
    if (before === undefined || lastRow(before) < row - 1 || lastRow(before) >= row) break;
    if (isComment(before)) comment = { start: before.startIndex, end: comment?.end ?? trimmedEnd(before) };
    else if (isAttribute(before) && comment === undefined) start = before.startIndex;
    else break;
    row = before.startPosition.row;
  }
  return { start, ...(comment !== undefined && { comment }) };
}

/** Some nodes end after their line break. */
const trimmedEnd = (node: Node): number => node.startIndex + node.text.trimEnd().length;
const lastRow = (node: Node): number => node.startPosition.row + node.text.trimEnd().split('\n').length - 1;

/** The string that a Python function or class begins with. */
function docstringOf(node: Node): Span | undefined {
  const definition = node.childForFieldName('definition') ?? node;
  const first = definition.childForFieldName('body')?.firstNamedChild;
  const string = first?.type === 'expression_statement' ? first.firstNamedChild : first;
  if (definition.type.startsWith('function_definition') || definition.type === 'class_definition')
    return string?.type === 'string' ? { start: string.startIndex, end: string.endIndex } : undefined;
  return undefined;
}
