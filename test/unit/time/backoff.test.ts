import { expect, test } from 'vitest';
import fc from 'fast-check';
import { backoffMs } from '../../../runtime/time/backoff.ts';

test('the ceiling doubles with each attempt up to the maximum', () => {
  const options = { baseMs: 100, maxMs: 1_500, random: () => 1 };
  expect([1, 2, 3, 4, 5, 6, 1_000].map((attempt) => backoffMs(attempt, options))).toEqual([
    100, 200, 400, 800, 1_500, 1_500, 1_500,
  ]);
});

test('the whole range is used, and never less than what was asked for is waited', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.nat(10_000),
      (attempt, drawn, retryAfterMs) => {
        const waitMs = backoffMs(attempt, { baseMs: 50, maxMs: 2_000, random: () => drawn }, retryAfterMs);
        const ceilingMs = Math.min(2_000, 50 * 2 ** (attempt - 1));
        expect(waitMs).toBeCloseTo(retryAfterMs + drawn * ceilingMs);
        expect(waitMs).toBeLessThanOrEqual(retryAfterMs + ceilingMs);
      },
    ),
  );
});
