import { tablesOf } from '../markdown.ts';

export const states = ['works', 'partly', 'planned'] as const;
export type State = (typeof states)[number];

export interface Capability {
  id: string;
  /** such as `FineTuneJob.spec.lora.rank`, `npm run demo` or `chart storage.size` */
  fields: string[];
  tests: NamedTest[];
  state: string;
}

export interface NamedTest {
  path: string;
  /** title of a test in TypeScript, name of the function in Python */
  name: string;
}

const wholeCode = /^`([^`]+)`$/;

function fieldOf(text: string, id: string): string {
  const [, field] = wholeCode.exec(text) ?? [];
  if (field === undefined) throw new Error(`${id}: "${text}" must be a field between backticks`);
  return field;
}

function testOf(text: string, id: string): NamedTest {
  const code = wholeCode.exec(text)?.[1] ?? '';
  const [, path, name] = /^(\S+?\.py)::(\w+)$/.exec(code) ?? /^(\S+\.ts) › (.+)$/.exec(code) ?? [];
  if (path === undefined || name === undefined) {
    throw new Error(
      `${id}: "${text}" must be \`file.test.ts › title\` or \`test_file.py::function\` between backticks`,
    );
  }
  return { path, name };
}

const items = (cell: string, separator: string): string[] =>
  cell === '-' ? [] : cell.split(separator).map((item) => item.trim());

/** The rows of docs/capabilities.md. Throws on a row that is not in its form. */
export function readCapabilities(markdown: string): Capability[] {
  const rows = tablesOf(markdown).flatMap((table) => (table[0]?.[0] === 'ID' ? table.slice(1) : []));
  return rows.map((cells) => {
    const [id = '', , fields = '', tests = '', state = ''] = cells;
    if (cells.length !== 5) throw new Error(`${id}: ${cells.length} cells instead of 5`);
    return {
      id,
      fields: items(fields, ',').map((field) => fieldOf(field, id)),
      tests: items(tests, '<br>').map((test) => testOf(test, id)),
      state,
    };
  });
}
