import { describe, expect, test } from 'vitest';
import { readJunit, readVitest } from './counts.ts';

describe('counts', () => {
  test('a file that fails to load counts as one failure', () => {
    const report = {
      numPassedTests: 2,
      numFailedTests: 1,
      numPendingTests: 3,
      testResults: [
        { name: 'broken.test.ts', status: 'failed', assertionResults: [] },
        { name: 'a.test.ts', status: 'failed', assertionResults: [{ status: 'failed', fullName: 'rows are kept' }] },
        { name: 'b.test.ts', status: 'passed', assertionResults: [{ status: 'passed', fullName: 'x' }] },
      ],
    };
    expect(readVitest(JSON.stringify(report))).toEqual({
      counts: { passed: 2, failed: 2, skipped: 3 },
      failures: ['broken.test.ts', 'a.test.ts › rows are kept'],
    });
  });

  test('errors of a JUnit suite count as failures, and each is named', () => {
    const report = `<?xml version="1.0"?><testsuites><testsuite name="a" errors="1" failures="1" skipped="3" tests="10" time="1">
      <testcase classname="tests.a" name="test_fine" time="1" />
      <testcase classname="tests.a" name="test_wrong[&lt;s&gt;]" time="1"><failure message="x &gt; y">trace</failure></testcase>
      <testcase classname="tests.b" name="test_broken" time="1"><error message="x">trace</error></testcase>
    </testsuite></testsuites>`;
    expect(readJunit(report)).toEqual({
      counts: { passed: 5, failed: 2, skipped: 3 },
      failures: ['tests.a::test_wrong[<s>]', 'tests.b::test_broken'],
    });
  });
});
