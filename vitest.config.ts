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
          testTimeout: 120_000,
          include: ['test/integration/**/*.test.ts', 'test/faults/**/*.test.ts'],
        },
      },
    ],
  },
});
