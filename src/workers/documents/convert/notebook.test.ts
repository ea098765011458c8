import { expect, test } from 'vitest';
import { convertDocument } from './index.ts';

const convert = (notebook: unknown): Promise<string> =>
  convertDocument('notebook', Buffer.from(JSON.stringify(notebook)));
const code = (source: string | string[], outputs: unknown[] = []) => ({ cell_type: 'code', source, outputs });

test('cells come in their order: prose as it is, code with its language, short outputs as text', async () => {
  const text = await convert({
    metadata: { language_info: { name: 'julia' } },
    cells: [
      { cell_type: 'markdown', source: ['# Guide\n', '\n', 'Text.'] },
      code(
        ['a = 1\n', 'a'],
        [
          { output_type: 'stream', name: 'stdout', text: ['one\n', 'two\n'] },
          { output_type: 'execute_result', data: { 'text/plain': ['1'], 'text/html': '<b>1</b>' } },
        ],
      ),
      { cell_type: 'raw', source: 'raw' },
      code(''),
      code('%%bash\nls ```x```'),
    ],
  });
  expect(text).toBe(
    '# Guide\n\nText.\n\n```julia\na = 1\na\n```\n\n```text\none\ntwo\n```\n\n```text\n1\n```\n\n````bash\n%%bash\nls ```x```\n````\n',
  );
});

test('pictures, objects in memory and long outputs are left out', async () => {
  const text = await convert({
    cells: [
      code('plot()', [
        { output_type: 'display_data', data: { 'image/png': 'iVBOR', 'text/plain': '<Figure size 640x480>' } },
        { output_type: 'stream', text: 'line\n'.repeat(50) },
        { output_type: 'error', ename: 'ValueError', evalue: 'x', traceback: [] },
      ]),
    ],
  });
  expect(text).toBe('```python\nplot()\n```\n');
});

test.each([
  ['{', 'BadDocument', 'the notebook is no JSON'],
  ['{"worksheets": []}', 'BadDocument', 'no notebook of format 4: "cells"'],
  ['{"cells": []}', 'NoText', 'the notebook has no cells with text'],
])('%s is %s', async (source, reason, detail) => {
  await expect(convertDocument('notebook', Buffer.from(source))).rejects.toMatchObject({
    reason,
    message: expect.stringContaining(detail) as unknown,
  });
});
