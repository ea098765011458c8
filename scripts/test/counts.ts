/** Tests of a stage, by outcome. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export const add = (a: Counts, b: Counts): Counts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/** Read vitest's JSON report. A file that fails to load has no test in it, so it counts as one failure of its own. */
export function countsOfVitest(report: string): Counts {
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(report) as {
    numPassedTests: number;
    numFailedTests: number;
    numPendingTests: number;
    testResults: { status: string; assertionResults: unknown[] }[];
  };
  const brokenFiles = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  return { passed: numPassedTests, failed: numFailedTests + brokenFiles, skipped: numPendingTests };
}

/** Read the totals from the `<testsuite>` elements of a JUnit report. */
export function countsOfJunit(report: string): Counts {
  let counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [element] of report.matchAll(/<testsuite\s[^>]*>/g)) {
    const total = (name: string): number => Number(new RegExp(`\\s${name}="(\\d+)"`).exec(element)?.[1] ?? 0);
    const failed = total('failures') + total('errors');
    const skipped = total('skipped');
    counts = add(counts, { passed: total('tests') - failed - skipped, failed, skipped });
  }
  return counts;
}
