import { expect, test } from 'vitest';
import type { Draft, Scene } from '../draft.ts';
import { checkSymbols } from './check.ts';

const known = new Set(['acme', 'createServer', 'listen', 'addHook', 'port', 'open', 'Client', 'org', 'kit']);
const scene: Scene = {
  project: 'Acme',
  passages: [],
  knowsSymbol: (name) => known.has(name),
  promptWords: new Set(),
  areSymbolsChecked: true,
  isCodeParsed: true,
};
const check = (answer: string, changes: Partial<Draft> = {}): string | undefined =>
  checkSymbols(
    { task: 'codeGeneration', language: 'en', questions: ['How does Acme work?'], answer, evidence: [], ...changes },
    scene,
  )?.detail;
const code = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;

test.each([
  ['a documented call', code('js', "import { createServer } from 'acme';\ncreateServer({ port: 1 }).listen();")],
  ['names of its own', code('ts', 'class Cat { purr(): void {} }\nconst tom = new Cat();\ntom.purr();')],
  [
    'what JavaScript brings',
    code('js', "const a = [1].map((x) => x * 2).join('');\nconsole.log(Math.max(a.length, 2));"),
  ],
  [
    'what Node brings',
    code('js', "import { readFile } from 'node:fs/promises';\nawait readFile(process.argv[2], 'utf8');"),
  ],
  [
    'names made by their text',
    code('js', "server.addHook('onIdle', run);\nconst server = createServer();\nfunction run() {}\nserver.onIdle();"),
  ],
  ['what Python brings', code('python', 'import json\nwith open("a") as file:\n    print(json.load(file).items())')],
  ['a documented call in Python', code('python', 'from acme import Client\nclient = Client()\nclient.listen(port=1)')],
  ['a scope', code('js', "import kit from '@org/kit';\nkit.open();")],
  ['options and paths in prose', 'Run `npm install --save-dev acme` in `/etc/acme/conf.d`, or set `port` to `3000`.'],
  ['words in code marks', 'It prints `hello world, how are you today`.'],
  ['data in a call', code('js', 'listen().send({ anything: 1, goes: true });')],
  ['an object for a function of its own', code('js', 'const run = ({ depth }) => depth;\nrun({ depth: 1 });')],
  ['data', code('json', '{"anything": {"goes": 1}}')],
])('%s is fine', (_, answer) => {
  expect(check(answer)).toBeUndefined();
});

test.each([
  ['a method', code('js', "import { createServer } from 'acme';\ncreateServer().listenForever();"), 'listenForever'],
  ['an import', code('js', "import { createProxy } from 'acme';"), 'createProxy'],
  ['a member taken apart', code('js', "const { createTunnel } = require('acme');"), 'createTunnel'],
  ['a function out of nowhere', code('js', 'startAcme({ port: 1 });'), 'startAcme'],
  ['an option', code('js', 'createServer({ port: 1, keepWarm: true });'), 'keepWarm'],
  ['a module', code('js', "import x from 'acme-extras';"), 'acme-extras'],
  ['a method in Python', code('python', 'from acme import Client\nClient().listen_forever()'), 'listen_forever'],
  ['a module in Python', code('python', 'import acme_extras'), 'acme_extras'],
  ['a name in prose', 'Call `server.closeGently()` at the end.', 'closeGently'],
])('%s that no document knows is not', (_, answer, name) => {
  expect(check(answer)).toContain(name);
});

test('a question may show wrong code only where its answer is about what is wrong', () => {
  const questions = ['Why does `server.lisen()` of Acme fail?'];
  expect(check('Since it is `listen`, not `lisen`.', { task: 'debug', questions })).toBeUndefined();
  expect(check('Since it is `listen`.', { task: 'factual', questions })).toContain('lisen');
});
