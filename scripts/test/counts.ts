import { stripVTControlCharacters } from 'node:util';
import { Parser } from 'htmlparser2';

/** Tests of a stage, by outcome. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** What a test runner's report says. */
export interface Report {
  counts: Counts;
  /** names of the tests that failed, with their files or modules, and what was wrong */
  failures: string[];
}

export const add = (a: Counts, b: Counts): Counts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { status: string; fullName: string; failureMessages?: string[] }[];
  }[];
}

const longest = 300;

/** The first line of what is wrong, after its test. */
function withCause(test: string, cause = ''): string {
  const [line = ''] = stripVTControlCharacters(cause).trim().split('\n');
  return line === '' ? test : `${test}: ${line.slice(0, longest)}`;
}

/** Read vitest's JSON report. A file that fails to load has no test in it, so it counts as one failure of its own. */
export function readVitest(report: string): Report {
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(report) as VitestReport;
  const broken = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  const failures = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName, failureMessages }) => withCause(`${name} › ${fullName}`, failureMessages?.[0])),
  );
  return {
    counts: { passed: numPassedTests, failed: numFailedTests + broken.length, skipped: numPendingTests },
    failures: [...broken.map(({ name, message }) => withCause(name, message)), ...failures],
  };
}

/** Read a JUnit report. An error counts as a failure. */
export function readJunit(report: string): Report {
  let counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const failures: string[] = [];
  let current = '';
  const parser = new Parser(
    {
      onopentag(element, attributes) {
        if (element === 'testsuite') {
          const total = (name: string): number => Number(attributes[name] ?? 0);
          const failed = total('failures') + total('errors');
          const skipped = total('skipped');
          counts = add(counts, { passed: total('tests') - failed - skipped, failed, skipped });
        }
        if (element === 'testcase') current = `${attributes['classname'] ?? ''}::${attributes['name'] ?? ''}`;
        if (element === 'failure' || element === 'error') failures.push(withCause(current, attributes['message']));
      },
    },
    { xmlMode: true },
  );
  parser.end(report);
  return { counts, failures };
}
