import { isNode, nameOf, type Node } from './node.ts';

/** calls that are given data, whose keys are the user's own */
const takesData =
  /^(?:send|json|stringify|log|trace|debug|info|warn|error|fatal|child|write|emit|dispatch|push|set|assign|render|view|body|query|execute|save|create|insert\w*|update\w*|find\w*|(?:\w*[eE]qual\w*))$/;

/**
 * Names of options: keys of the objects that calls are given. What a model makes up about a library is most often an
 * option. Functions that the code itself defines may be given what they like.
 */
export function optionsOf(tree: unknown): Set<string> {
  const found: { callee: string; key: string }[] = [];
  const own = new Set<string>();
  visit(tree, (node) => {
    if (node.type === 'FunctionDeclaration') own.add(nameOf(node['id']));
    if (node.type === 'VariableDeclarator' && isFunction(node['init'])) own.add(nameOf(node['id']));
    if (node.type === 'CallExpression' || node.type === 'NewExpression') found.push(...optionsOfCall(node));
  });
  return new Set(found.filter(({ callee }) => !own.has(callee)).map(({ key }) => key));
}

const isFunction = (node: unknown): boolean => isNode(node) && /Function/.test(node.type);

function optionsOfCall(call: Node): { callee: string; key: string }[] {
  const called = call['callee'];
  const callee = nameOf(isNode(called) && called.type === 'MemberExpression' ? called['property'] : called);
  if (takesData.test(callee)) return [];
  return (call['arguments'] as unknown[])
    .filter((argument): argument is Node => isNode(argument) && argument.type === 'ObjectExpression')
    .flatMap((argument) => argument['properties'] as Node[])
    .filter(({ computed }) => computed !== true)
    .map(({ key }) => ({ callee, key: nameOf(key) }))
    .filter(({ key }) => key !== '');
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, see);
  if (!isNode(value)) return;
  see(value);
  for (const [key, child] of Object.entries(value)) if (key !== 'loc') visit(child, see);
}
