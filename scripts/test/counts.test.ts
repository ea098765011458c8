import { describe, expect, test } from 'vitest';
import { readJunit, readVitest } from './counts.ts';

describe('counts', () => {
  test('a file that fails to load counts as one failure, and each failure has its cause', () => {
    const failureMessages = ['\u001B[31mError\u001B[39m: a row: not within 20 s\n    at until.ts:13'];
    const failed = { status: 'failed', fullName: 'rows are kept', failureMessages };
    const report = {
      numPassedTests: 2,
      numFailedTests: 1,
      numPendingTests: 3,
      testResults: [
        { name: 'broken.test.ts', status: 'failed', message: 'Cannot find module', assertionResults: [] },
        { name: 'a.test.ts', status: 'failed', assertionResults: [failed] },
        { name: 'b.test.ts', status: 'passed', assertionResults: [{ status: 'passed', fullName: 'x' }] },
      ],
    };
    expect(readVitest(JSON.stringify(report))).toEqual({
      counts: { passed: 2, failed: 2, skipped: 3 },
      failures: ['broken.test.ts: Cannot find module', 'a.test.ts › rows are kept: Error: a row: not within 20 s'],
    });
  });

  test('errors of a JUnit suite count as failures, and each is named with its cause', () => {
    const report = `<?xml version="1.0"?><testsuites><testsuite name="a" errors="1" failures="1" skipped="3" tests="10" time="1">
      <testcase classname="tests.a" name="test_fine" time="1" />
      <testcase classname="tests.a" name="test_wrong[&lt;s&gt;]" time="1"><failure message="x &gt; y">trace</failure></testcase>
      <testcase classname="tests.b" name="test_broken" time="1"><error message="x">trace</error></testcase>
    </testsuite></testsuites>`;
    expect(readJunit(report)).toEqual({
      counts: { passed: 5, failed: 2, skipped: 3 },
      failures: ['tests.a::test_wrong[<s>]: x > y', 'tests.b::test_broken: x'],
    });
  });
});
