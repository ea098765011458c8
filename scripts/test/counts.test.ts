import { describe, expect, test } from 'vitest';
import { countsOfJunit, countsOfVitest } from './counts.ts';

describe('counts', () => {
  test('a file that fails to load counts as one failure', () => {
    const report = {
      numPassedTests: 2,
      numFailedTests: 1,
      numPendingTests: 3,
      testResults: [
        { status: 'failed', assertionResults: [] },
        { status: 'failed', assertionResults: [{}] },
        { status: 'passed', assertionResults: [{}, {}] },
      ],
    };
    expect(countsOfVitest(JSON.stringify(report))).toEqual({ passed: 2, failed: 2, skipped: 3 });
  });

  test('errors of a JUnit suite count as failures', () => {
    const report =
      '<testsuites><testsuite name="a" errors="1" failures="2" skipped="3" tests="10" time="1"></testsuite></testsuites>';
    expect(countsOfJunit(report)).toEqual({ passed: 4, failed: 3, skipped: 3 });
  });
});
