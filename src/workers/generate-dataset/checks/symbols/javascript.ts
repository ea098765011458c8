import { parseJavaScript } from '../code/javascript.ts';
import { noNames, type Names } from './names.ts';
import { isNode, nameOf, type Node } from './node.ts';
import { optionsOf } from './options.ts';

/** Names that a piece of JavaScript takes from elsewhere, and those it makes itself; undefined where it does not parse. */
export function javaScriptNames(code: string): Names | undefined {
  const parsed = parseJavaScript(code);
  if ('error' in parsed) return undefined;
  const names = noNames();
  visit(parsed.tree, names);
  for (const option of optionsOf(parsed.tree)) names.taken.add(option);
  return names;
}

/** Keys that hold names which are made here and not taken from elsewhere. */
const binding: Readonly<Record<string, readonly string[]>> = {
  VariableDeclarator: ['id'],
  FunctionDeclaration: ['id', 'params'],
  FunctionExpression: ['id', 'params'],
  ArrowFunctionExpression: ['params'],
  ObjectMethod: ['key', 'params'],
  ClassMethod: ['key', 'params'],
  ClassProperty: ['key'],
  ObjectProperty: ['key'],
  ClassDeclaration: ['id'],
  ClassExpression: ['id'],
  CatchClause: ['param'],
  ImportSpecifier: ['local'],
  ImportDefaultSpecifier: ['local'],
  ImportNamespaceSpecifier: ['local'],
  LabeledStatement: ['label'],
  TSTypeAliasDeclaration: ['id'],
  TSInterfaceDeclaration: ['id'],
  TSEnumDeclaration: ['id'],
  TSEnumMember: ['id'],
  TSTypeParameter: ['name'],
  TSPropertySignature: ['key'],
  TSMethodSignature: ['key', 'parameters', 'params'],
  TSFunctionType: ['parameters', 'params'],
  TSModuleDeclaration: ['id'],
};

function visit(value: unknown, names: Names): void {
  if (Array.isArray(value)) for (const item of value) visit(item, names);
  if (!isNode(value)) return;
  const { type } = value;
  if (type === 'Identifier' || type === 'JSXIdentifier') names.used.add(String(value['name']));
  if (type === 'StringLiteral' || type === 'TemplateElement') declareWords(value, names);
  if (type === 'ImportDeclaration') addModule(value['source'], keysOf(value['specifiers'], 'imported'), names);
  if (type === 'VariableDeclarator') visitRequired(value, names);
  if (type === 'CallExpression') addModule(requiredBy(value), [], names);
  if (type === 'AssignmentExpression') declareMember(value['left'], names);
  if (type === 'JSXOpeningElement' && /^[a-z]/.test(nameOf(value['name']))) names.declared.add(nameOf(value['name']));
  const made = binding[type] ?? [];
  for (const [key, child] of Object.entries(value)) {
    if (made.includes(key)) declare(child, names);
    else if (key !== 'loc') visit(child, names);
  }
}

/** Where a pattern holds other patterns; default values and types within it are uses. */
const nested: Readonly<Record<string, readonly string[]>> = {
  ObjectPattern: ['properties'],
  // what is taken out of an object must be there, so the key is a use
  ObjectProperty: ['value'],
  AssignmentPattern: ['left'],
  ArrayPattern: ['elements'],
  RestElement: ['argument'],
  TSParameterProperty: ['parameter'],
};

function declare(value: unknown, names: Names): void {
  if (Array.isArray(value)) for (const item of value) declare(item, names);
  if (typeof value === 'string') names.declared.add(value);
  if (!isNode(value)) return;
  if (value.type === 'Identifier') names.declared.add(nameOf(value));
  const inner = value.type === 'Identifier' ? [] : nested[value.type];
  for (const [key, child] of Object.entries(value)) {
    if (inner?.includes(key) === true) declare(child, names);
    else if (key !== 'name' && key !== 'loc') visit(child, names);
  }
}

/** A member that is assigned is made there. */
function declareMember(left: unknown, names: Names): void {
  if (isNode(left) && left.type === 'MemberExpression' && left['computed'] !== true)
    names.declared.add(nameOf(left['property']));
}

/** Names may be made by their text, as in `decorate('user', …)`. */
function declareWords(node: Node, names: Names): void {
  const raw = node['value'] as string | { cooked?: string } | null;
  const text = (typeof raw === 'string' ? raw : raw?.cooked) ?? '';
  for (const [word] of text.matchAll(/[\p{L}_$][\p{L}\p{N}_$]*/gu)) names.declared.add(word);
}

/** Names that are taken apart from what a module exports, as in `const { listen } = require('acme')`. */
function visitRequired({ id, init }: Node, names: Names): void {
  const call = isNode(init) && init.type === 'AwaitExpression' ? init['argument'] : init;
  if (isNode(id) && id.type === 'ObjectPattern' && isNode(call))
    addModule(requiredBy(call), keysOf(id['properties'], 'key'), names);
}

/** The module that a call loads, if it does. */
function requiredBy(call: Node): unknown {
  if (call.type === 'ImportExpression') return call['source'];
  const callee = call['callee'];
  const isLoading = isNode(callee) && (callee.type === 'Import' || nameOf(callee) === 'require');
  return isLoading ? (call['arguments'] as unknown[])[0] : undefined;
}

function addModule(source: unknown, taken: readonly string[], names: Names): void {
  if (!isNode(source) || source.type !== 'StringLiteral') return;
  const module = String(source['value']);
  names.modules.add(module);
  // a file of one's own exports what one likes
  if (!module.startsWith('.')) for (const name of taken) names.taken.add(name);
}

const keysOf = (nodes: unknown, key: string): string[] =>
  (nodes as Node[]).map((node) => nameOf(node[key])).filter((name) => name !== '' && name !== 'default');
