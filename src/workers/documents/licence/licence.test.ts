import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { declaredLicence } from './declared.ts';
import { isPermitted, readExpression, unknownNames } from './expression.ts';
import { isLicenceFile, openLicences } from './licences.ts';
import { matchLicence } from './match.ts';

const ofPackage = (path: string): string => readFileSync(`node_modules/${path}`, 'utf8');

describe('[5] licence of a text', () => {
  test.each([
    ['MIT', ofPackage('zod/LICENSE')],
    ['MIT', ofPackage('fastify/LICENSE')],
    ['Apache-2.0', ofPackage('typescript/LICENSE.txt')],
    ['Apache-2.0', readFileSync('LICENSE', 'utf8')],
    ['ISC', ofPackage('yaml/LICENSE')],
    ['BSD-3-Clause', ofPackage('fast-uri/LICENSE')],
    ['MIT', `# License\n\n(The MIT License)\n\n${ofPackage('zod/LICENSE').replace(/\n/g, '\n  ')}`],
    ['MPL-2.0', 'SPDX-License-Identifier: MPL-2.0\n'],
    ['LicenseRef-unknown', 'All rights reserved. Nobody may read this.'],
    ['LicenseRef-unknown', `${ofPackage('zod/LICENSE')}\n\nThe Software shall be used for Good, not Evil. `.repeat(2)],
  ])('%s is found', async (id, text) => {
    expect(await matchLicence(text)).toBe(id);
  });
});

test.each([
  ['// SPDX-License-Identifier: MIT\nexport {};', 'code', 'MIT'],
  ['/* SPDX-License-Identifier: (Apache-2.0 OR MIT) */\n', 'code', '(Apache-2.0 OR MIT)'],
  ['<!-- SPDX-License-Identifier: CC-BY-4.0 -->\n# A', 'markdown', 'CC-BY-4.0'],
  ['.. SPDX-License-Identifier: GPL-2.0-only\n', 'rst', 'GPL-2.0-only'],
  ['# SPDX-License-Identifier: Nonsense-9\n', 'code', 'LicenseRef-unknown'],
  ['---\ntitle: A\nlicense: "CC-BY-SA-4.0"\n---\n# A', 'markdown', 'CC-BY-SA-4.0'],
  ['/*\n * SPDX-License-Identifier: ISC\n */', 'code', 'ISC'],
  ["test('// SPDX-License-Identifier: MIT');", 'code', undefined],
  ['# A\n\nlicense: MIT\n', 'markdown', undefined],
] as const)('%j declares it', (text, format, expected) => {
  expect(declaredLicence(text, format)).toBe(expected);
});

test('the nearest licence file above a document counts, and two files for a choice are one', async () => {
  const mit = ofPackage('zod/LICENSE');
  const apache = ofPackage('typescript/LICENSE.txt');
  const licenceOf = await openLicences([
    { path: 'LICENSE', text: mit },
    { path: 'docs/COPYING.txt', text: 'Nobody may read this.' },
    { path: 'crates/a/LICENSE-MIT', text: mit },
    { path: 'crates/a/LICENSE-APACHE', text: apache },
    { path: 'both/LICENSE', text: mit },
    { path: 'both/COPYING', text: apache },
  ]);
  expect(['README.md', 'src/a/b.ts', 'docs/deep/guide.md', 'crates/a/src/lib.rs', 'both/x.md'].map(licenceOf)).toEqual([
    ...['MIT', 'MIT', 'LicenseRef-unknown', 'Apache-2.0 OR MIT', 'Apache-2.0 AND MIT'],
  ]);
  const without = await openLicences([{ path: 'docs/LICENSE', text: mit }]);
  expect(without('README.md')).toBeUndefined();
});

test('licence files are known by name', () => {
  const yes = ['LICENSE', 'a/LICENCE.md', 'COPYING', 'LICENSE-MIT', 'license.txt', 'UNLICENSE'];
  const no = ['license.ts', 'licensing.md', 'docs/license-guide.html', 'LICENSES/MIT.txt', 'license_test.py'];
  expect([...yes, ...no].filter(isLicenceFile)).toEqual(yes);
});

describe('a policy', () => {
  const permits = (expression: string | undefined, allow: string[], deny: string[] = []): boolean =>
    isPermitted(expression, { allow, deny });

  test.each([
    ['MIT', [], [], true],
    [undefined, [], [], true],
    ['MIT', ['MIT', 'Apache-2.0'], [], true],
    ['ISC', ['MIT'], [], false],
    [undefined, ['MIT'], [], false],
    [undefined, ['MIT', 'NONE'], [], true],
    [undefined, [], ['NONE'], false],
    ['LicenseRef-unknown', ['MIT'], [], false],
    ['LicenseRef-unknown', [], ['GPL-3.0'], true],
    ['GPL-3.0-or-later', [], ['GPL-3.0'], false],
    ['GPL-3.0-only WITH GCC-exception-3.1', [], ['GPL-3.0-only'], false],
    ['MIT OR GPL-2.0-only', [], ['GPL-2.0'], true],
    ['MIT AND GPL-2.0-only', [], ['GPL-2.0'], false],
    ['MIT AND ISC', ['MIT'], [], false],
    ['MIT', ['MIT'], ['MIT'], false],
  ] as const)('%s with allow %j and deny %j: %s', (expression, allow, deny, expected) => {
    expect(permits(expression, [...allow], [...deny])).toBe(expected);
  });

  test('names that are no identifier are found', () => {
    expect(unknownNames(['MIT', 'NONE', 'Apache 2', 'LicenseRef-unknown'])).toEqual(['Apache 2']);
    expect(readExpression(' MIT   OR\tISC ')).toBe('MIT OR ISC');
  });
});
