import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'scripts/**/*.test.ts',
            'charts/**/*.test.ts',
            'tests/unit/**/*.test.ts',
            'benchmarks/**/*.test.ts',
            'tests/cluster/**/*.test.ts',
          ],
          globalSetup: ['tests/temporary-folder.ts'],
          // nothing here waits for anything: only a machine that has other work to do takes this long
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['tests/integration/**/*.test.ts'],
          globalSetup: ['tests/temporary-folder.ts', 'tests/integration/api-server.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          // one API server serves all files; two cores gain nothing from more workers
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          globalSetup: ['tests/temporary-folder.ts', 'tests/e2e/setup.ts'],
          setupFiles: ['tests/e2e/on-failure.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          // while one file waits for pods to start and end, for intervals and retries, another one trains
          maxWorkers: 2,
        },
      },
    ],
  },
});
