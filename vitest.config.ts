import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts', 'test/boundary/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'integration',
          globalSetup: 'test/support/window/build-screens.ts',
          testTimeout: 120_000,
          include: ['test/integration/**/*.test.ts', 'test/faults/**/*.test.ts'],
        },
      },
      // A real browser and a real host for each file: one after the other.
      {
        extends: true,
        test: {
          name: 'e2e',
          testTimeout: 180_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          // A page comes to what is waited for in its own time.
          expect: { poll: { timeout: 20_000 } },
          globalSetup: 'test/support/window/build-screens.ts',
          include: ['test/e2e/**/*.test.ts'],
        },
      },
    ],
  },
});
